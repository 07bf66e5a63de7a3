import { type ApplyResult, applyPlan } from '../actions/apply/index.ts';
import { waitForHealth } from '../actions/health/index.ts';
import { assertPreflight, planWithPreflight } from '../actions/preflight/index.ts';
import { toPlanRequest } from '../actions/render/plan-request.ts';
import type { Cluster } from '../cluster/index.ts';
import { type ExitCode, exitCode } from '../errors/index.ts';
import { hasChanges, type Plan } from '../plan/index.ts';
import { renderPlan } from '../ui/render-plan.ts';
import type { Session } from '../ui/session.ts';
import { confirmChange } from './confirm-change.ts';
import type { Context } from './context.ts';
import { interruptible } from './interruptible.ts';
import {
  openSavedPlan,
  type PlanSource,
  type PlanSourceArgs,
  readPlanSource,
} from './plan-source.ts';
import { applyResult } from './results.ts';
import { type ClusterArgs, type ResultArgs, withCluster, withSession } from './with-session.ts';

export interface ApplyArgs extends PlanSourceArgs, ClusterArgs, ResultArgs {
  readonly yes?: boolean | undefined;
  readonly 'skip-preflight'?: boolean | undefined;
  readonly take?: readonly string[] | undefined;
  /** Seconds. */
  readonly 'wait-timeout': number;
  readonly 'no-wait'?: boolean | undefined;
}

/** Plans, asks, applies and waits; reads like the help of the command. */
export function runApply(args: ApplyArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const source = await readPlanSource(args, { session, context });
    const { layout } = source;
    return withCluster(args, context, async (cluster) => {
      const applied = await planAndApply(source, args, { cluster, session, context });
      if (args['no-wait'] === true) {
        session.print(applyResult(applied));
        return exitCode.done;
      }
      const health = await waitForHealth(
        layout,
        { cluster, host: session.host, clock: context.clock },
        { canary: 'quick', timeoutSeconds: args['wait-timeout'], signal: context.signal },
      );
      session.print(applyResult(applied, health));
      return health.verdict === 'healthy' ? exitCode.done : exitCode.notHealthy;
    });
  });
}

interface ApplyPorts {
  readonly cluster: Cluster;
  readonly session: Session;
  readonly context: Context;
}

async function planAndApply(
  { layout, saved }: PlanSource,
  { yes, 'skip-preflight': skip = false, take = [] }: ApplyArgs,
  { cluster, session, context }: ApplyPorts,
): Promise<ApplyResult> {
  const { host, progressStyle } = session;
  const { signal } = context;
  const planning =
    saved === undefined
      ? planWithPreflight(
          { ...toPlanRequest(layout), take },
          { cluster, host },
          { skip, purpose: 'apply' },
        )
      : openSavedPlan(saved, { cluster, session });
  const plan = await interruptible(planning, signal);
  host.show(renderPlan({ plan, layout }, progressStyle));
  if (hasChanges(plan) && !skip) {
    assertPreflight(plan.findings ?? [], { name: plan.deployment.name, purpose: 'apply' });
  }
  if (hasChanges(plan) && yes !== true) await confirmChange(questionFor(plan), { host, signal });
  return applyPlan(plan, { cluster, host, signal });
}

function questionFor({ deployment, target }: Plan): string {
  const where = target === undefined ? '' : ` in context ${target.context}`;
  return `Apply this plan for "${deployment.name}"${where}?`;
}
