import { checkBindings, checkTarget } from '../../actions/apply/index.ts';
import type { PlanRequest } from '../../actions/plan/index.ts';
import { renewFindings } from '../../actions/preflight/index.ts';
import { assertFits, readLayout } from '../../actions/read-layout.ts';
import { toPlanRequest } from '../../actions/render/plan-request.ts';
import { readSavedPlan, writeSavedPlan } from '../../actions/saved-plan/index.ts';
import type { Cluster } from '../../cluster/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import type { Layout } from '../../layout/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { hasChanges, type Plan } from '../../plan/index.ts';
import type { Session } from '../../ui/host/session.ts';
import type { PlanView } from '../../ui/text/plan.ts';
import type { Context } from '../context.ts';
import { readPorts, type SpecArgs } from './with-session.ts';

/** What may change hands, as the options name it. */
export interface OwnershipArgs {
  readonly take?: readonly string[] | undefined;
  readonly adopt?: readonly string[] | undefined;
  readonly 'forget-release'?: readonly string[] | undefined;
}

export interface PlanSourceArgs extends SpecArgs, OwnershipArgs {
  /** A saved plan, in place of a spec. */
  readonly 'plan-file'?: string | undefined;
}

/** The part of a plan request that says what may change hands. */
export function ownershipOf({
  take = [],
  adopt = [],
  'forget-release': forgetReleases = [],
}: OwnershipArgs): Required<Pick<PlanRequest, 'take' | 'adopt' | 'forgetReleases'>> {
  return { take, adopt, forgetReleases };
}

/** What to apply; `saved` is there when the plan was made before. */
export interface PlanSource {
  readonly layout: Layout;
  readonly saved?: Plan;
  /** A revision to go back to; its objects are applied in place of what the layout renders now. */
  readonly revision?: RollbackTarget;
}

export interface RollbackTarget {
  readonly number: number;
  readonly manifests: readonly Manifest[];
}

export interface SourcePorts {
  readonly session: Session;
  readonly context: Context;
}

/** Reads the spec, or the saved plan named in its place. */
export async function readPlanSource(
  args: PlanSourceArgs,
  { session, context }: SourcePorts,
): Promise<PlanSource> {
  const { 'plan-file': path } = args;
  if (path === undefined) {
    const layout = await readLayout(args, readPorts(session, context));
    assertFits(layout, 'apply');
    return { layout };
  }
  refuseChangesOfSaved(args);
  const { plan, layout } = await readSavedPlan(path, context.files);
  return { layout, saved: plan };
}

/** A saved plan is done exactly: what changes a plan belongs to the making of it. */
function refuseChangesOfSaved({ namespace, ...args }: PlanSourceArgs): void {
  const { take, adopt, forgetReleases } = ownershipOf(args);
  const given: readonly (readonly [option: string, name: string])[] = [
    ...(namespace === undefined ? [] : ([['--namespace', 'the namespace']] as const)),
    ...(take.length === 0 ? [] : ([['--take', 'what is taken']] as const)),
    ...(adopt.length === 0 ? [] : ([['--adopt', 'what is adopted']] as const)),
    ...(forgetReleases.length === 0 ? [] : ([['--forget-release', 'what is forgotten']] as const)),
  ];
  const [first] = given;
  if (first === undefined) return;
  const [option, name] = first;
  throw new DsdeployError('USAGE', `Cannot change ${name} of a saved plan`, {
    subject: option,
    hint: `Leave it out, or make a new plan with \`dsdeploy plan ${option} ... --out FILE\`.`,
  });
}

/**
 * A saved plan with what preflight finds today, unless it was made for another cluster or an object has
 * moved since: whoever is asked about a plan is asked about one that can be applied.
 */
export async function openSavedPlan(
  { plan, layout }: { readonly plan: Plan; readonly layout: Layout },
  { skipPreflight }: { readonly skipPreflight: boolean },
  { cluster, session: { host } }: { readonly cluster: Cluster; readonly session: Session },
): Promise<Plan> {
  const { target } = plan;
  if (target === undefined) return plan;
  await checkTarget(target, { cluster });
  host.notify({ code: 'TARGET', level: 'info', target });
  await checkBindings(plan, { cluster });
  if (skipPreflight || !hasChanges(plan)) return plan;
  return renewFindings(plan, toPlanRequest(layout), { cluster });
}

export interface SaveArgs {
  readonly offline?: boolean | undefined;
  /** File the plan is saved to. */
  readonly out?: string | undefined;
}

/** A plan that no cluster has checked binds nothing, so that there is nothing to save. */
export function refuseOfflineFile({ offline, out }: SaveArgs): void {
  if (offline !== true || out === undefined) return;
  throw new DsdeployError('USAGE', 'Cannot save a plan made offline: no cluster has checked it', {
    subject: '--out',
    hint: 'Leave out --offline, or leave out --out.',
  });
}

/** Saves a plan when asked to, and says how to go on. */
export async function savePlan(
  view: PlanView,
  { out }: SaveArgs,
  { session, context }: SourcePorts,
): Promise<void> {
  if (out === undefined) return;
  await writeSavedPlan(view, out, context);
  const text = `Saved the plan to ${out}: \`dsdeploy apply ${out}\` does exactly that`;
  session.host.notify({ code: 'STEP', level: 'info', text });
}
