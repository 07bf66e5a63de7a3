import { DsdeployError, type ErrorCode } from '../../errors/index.ts';
import { type Plan, plannedManifests, sortFindings } from '../../plan/index.ts';
import { type PlanPorts, type PlanRequest, planDeployment } from '../plan/index.ts';
import type { PreflightInput } from './facts.ts';
import { judgePreflight } from './judge.ts';
import { assertPreflight, readPreflight } from './preflight.ts';
import { checkSurge, withSurgeRoom } from './surge-room.ts';

export type PreflightedRequest = PlanRequest & { readonly keySecret?: string };

export interface PreflightOptions {
  /** Whether only the plan is made, without findings. */
  readonly skip: boolean;
  /** What cannot be done, for the message: `plan`. */
  readonly purpose: string;
}

/** A plan fails by these for reasons that preflight may tell all at once. */
const planProblems: ReadonlySet<ErrorCode> = new Set([
  'ADMISSION_DENIED',
  'CLUSTER_FORBIDDEN',
  'KIND_UNKNOWN',
  'LWS_MISSING',
  'PLAN_REFUSED',
  'QUOTA_EXCEEDED',
  'WEBHOOK_FAILED',
]);

/**
 * Plans and, side by side, finds out what else stands against the deployment. When the plan cannot be
 * made, because rights are missing for example, the error lists every finding and not only the first.
 */
export async function planWithPreflight(
  request: PreflightedRequest,
  ports: PlanPorts,
  { skip, purpose }: PreflightOptions,
): Promise<Plan> {
  if (skip) return planDeployment(request, ports);
  const [planned, found] = await Promise.allSettled([
    planDeployment(request, ports),
    readPreflight(request, ports),
  ]);
  if (planned.status === 'fulfilled') {
    if (found.status === 'rejected') throw found.reason;
    return withFindings(planned.value, found.value);
  }
  const cause: unknown = planned.reason;
  const isProblem = cause instanceof DsdeployError && planProblems.has(cause.code);
  if (isProblem && found.status === 'fulfilled') {
    assertPreflight(judgePreflight(found.value), { name: request.deployment.name, purpose, cause });
  }
  throw cause;
}

/** A plan that was made before, with what stands against it now. */
export async function renewFindings(
  plan: Plan,
  { keySecret, createNamespace }: Pick<PreflightedRequest, 'keySecret' | 'createNamespace'>,
  { cluster }: Pick<PlanPorts, 'cluster'>,
): Promise<Plan> {
  const manifests = plannedManifests(plan);
  const request = { deployment: plan.deployment, manifests, createNamespace };
  const named = keySecret === undefined ? request : { ...request, keySecret };
  return withFindings(plan, await readPreflight(named, { cluster }));
}

function withFindings(planned: Plan, found: PreflightInput): Plan {
  const plan = withSurgeRoom(planned, found);
  return { ...plan, findings: sortFindings([...judgePreflight(found), ...checkSurge(plan)]) };
}
