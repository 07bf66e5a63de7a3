import { type ApplyResult, applyPlan } from '../actions/apply/index.ts';
import { waitForHealth } from '../actions/health/index.ts';
import { planDeployment } from '../actions/plan/index.ts';
import { assertFits, readLayout } from '../actions/read-layout.ts';
import { toPlanRequest } from '../actions/render/plan-request.ts';
import type { Cluster } from '../cluster/index.ts';
import { type ExitCode, exitCode } from '../errors/index.ts';
import type { Layout } from '../layout/index.ts';
import { hasChanges, type Plan } from '../plan/index.ts';
import { renderPlan } from '../ui/render-plan.ts';
import type { Session } from '../ui/session.ts';
import { confirmChange } from './confirm-change.ts';
import type { Context } from './context.ts';
import { interruptible } from './interruptible.ts';
import { applyResult } from './results.ts';
import {
  type ClusterArgs,
  type ResultArgs,
  readPorts,
  type SpecArgs,
  withCluster,
  withSession,
} from './with-session.ts';

export interface ApplyArgs extends SpecArgs, ClusterArgs, ResultArgs {
  readonly yes?: boolean | undefined;
  /** Seconds. */
  readonly 'wait-timeout': number;
  readonly 'no-wait'?: boolean | undefined;
}

/** Plans, asks, applies and waits; reads like the help of the command. */
export function runApply(args: ApplyArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const layout = await readLayout(args, readPorts(session, context));
    assertFits(layout, 'apply');
    return withCluster(args, context, async (cluster) => {
      const applied = await planAndApply(layout, args, { cluster, session, context });
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
  layout: Layout,
  { yes }: ApplyArgs,
  { cluster, session, context }: ApplyPorts,
): Promise<ApplyResult> {
  const { host, progressStyle } = session;
  const { signal } = context;
  const planning = planDeployment(toPlanRequest(layout), { cluster, host });
  const plan = await interruptible(planning, signal);
  host.show(renderPlan({ plan, layout }, progressStyle));
  if (hasChanges(plan) && yes !== true) await confirmChange(questionFor(plan), { host, signal });
  return applyPlan(plan, { cluster, host, signal });
}

function questionFor({ deployment, target }: Plan): string {
  const where = target === undefined ? '' : ` in context ${target.context}`;
  return `Apply this plan for "${deployment.name}"${where}?`;
}
