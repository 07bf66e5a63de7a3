import { planOffline } from '../../actions/plan/index.ts';
import { planWithPreflight, renderAccess } from '../../actions/preflight/index.ts';
import { readLayout } from '../../actions/read-layout.ts';
import { toPlanRequest } from '../../actions/render/plan-request.ts';
import { type ExitCode, exitCode } from '../../errors/index.ts';
import { hasChanges, type RbacSubject } from '../../plan/index.ts';
import type { Context } from '../context.ts';
import { interruptible } from './interruptible.ts';
import {
  type OwnershipArgs,
  ownershipOf,
  refuseOfflineFile,
  type SaveArgs,
  savePlan,
} from './plan-source.ts';
import { accessResult, layoutResult, planResult } from './results.ts';
import {
  type ClusterArgs,
  type ResultArgs,
  readPorts,
  type SpecArgs,
  withCluster,
  withSession,
} from './with-session.ts';

export interface PlanArgs extends SpecArgs, ClusterArgs, ResultArgs, SaveArgs, OwnershipArgs {
  readonly 'skip-preflight'?: boolean | undefined;
  readonly rbac?: boolean | undefined;
  readonly subject: RbacSubject;
}

/** Compares a spec with a cluster; a layout that does not fit is shown and not compared. */
export function runPlan(args: PlanArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const { host } = session;
    refuseOfflineFile(args);
    const layout = await readLayout(args, readPorts(session, context));
    if (!layout.fits) {
      session.print(layoutResult(layout));
      return exitCode.specInvalid;
    }
    const request = { ...toPlanRequest(layout), ...ownershipOf(args) };
    if (args.rbac === true) {
      session.print(accessResult(renderAccess(request, args.subject)));
      return exitCode.done;
    }
    if (args.offline === true) {
      session.print(planResult(planOffline(request), layout));
      return exitCode.done;
    }
    const plan = await withCluster(args, context, (cluster) =>
      interruptible(
        planWithPreflight(
          request,
          { cluster, host },
          { skip: args['skip-preflight'] === true, purpose: 'plan' },
        ),
        context.signal,
      ),
    );
    await savePlan({ plan, layout }, args, { session, context });
    session.print(planResult(plan, layout));
    return hasChanges(plan) ? exitCode.changesPresent : exitCode.done;
  });
}
