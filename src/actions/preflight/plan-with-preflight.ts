import { DsdeployError, type ErrorCode } from '../../errors/index.ts';
import { type Plan, sortFindings } from '../../plan/index.ts';
import { type PlanPorts, type PlanRequest, planDeployment } from '../plan/index.ts';
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
    const plan = withSurgeRoom(planned.value, found.value);
    const findings = sortFindings([...judgePreflight(found.value), ...checkSurge(plan)]);
    return { ...plan, findings };
  }
  const cause: unknown = planned.reason;
  const isProblem = cause instanceof DsdeployError && planProblems.has(cause.code);
  if (isProblem && found.status === 'fulfilled') {
    assertPreflight(judgePreflight(found.value), { name: request.deployment.name, purpose, cause });
  }
  throw cause;
}
