import { planDeployment, planOffline } from '../actions/plan/index.ts';
import { readLayout } from '../actions/read-layout.ts';
import { toPlanRequest } from '../actions/render/plan-request.ts';
import { type ExitCode, exitCode } from '../errors/index.ts';
import { hasChanges } from '../plan/index.ts';
import type { Context } from './context.ts';
import { interruptible } from './interruptible.ts';
import { layoutResult, planResult } from './results.ts';
import {
  type ClusterArgs,
  type ResultArgs,
  readPorts,
  type SpecArgs,
  withCluster,
  withSession,
} from './with-session.ts';

export interface PlanArgs extends SpecArgs, ClusterArgs, ResultArgs {
  readonly offline?: boolean | undefined;
}

/** Compares a spec with a cluster; a layout that does not fit is shown and not compared. */
export function runPlan(args: PlanArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const { host } = session;
    const layout = await readLayout(args, readPorts(session, context));
    if (!layout.fits) {
      session.print(layoutResult(layout));
      return exitCode.specInvalid;
    }
    const request = toPlanRequest(layout);
    if (args.offline === true) {
      session.print(planResult(planOffline(request), layout));
      return exitCode.done;
    }
    const plan = await withCluster(args, context, (cluster) =>
      interruptible(planDeployment(request, { cluster, host }), context.signal),
    );
    session.print(planResult(plan, layout));
    return hasChanges(plan) ? exitCode.changesPresent : exitCode.done;
  });
}
