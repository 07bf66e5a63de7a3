import { destroyDeployment, planDestroy } from '../../actions/destroy/index.ts';
import { readSpec } from '../../actions/read-spec.ts';
import { type ExitCode, exitCode } from '../../errors/index.ts';
import type { DestroyPlan } from '../../plan/index.ts';
import { renderDestroyPlan, renderDestroyResult } from '../../ui/text/destroy.ts';
import type { Context } from '../context.ts';
import { confirmChange } from './confirm-change.ts';
import { interruptible } from './interruptible.ts';
import {
  type ClusterArgs,
  type ResultArgs,
  readPorts,
  type SpecArgs,
  withCluster,
  withSession,
} from './with-session.ts';

export interface DestroyArgs extends SpecArgs, ClusterArgs, ResultArgs {
  readonly yes?: boolean | undefined;
  readonly 'include-volumes'?: boolean | undefined;
}

/** Shows what would go, asks, deletes, and waits until it has gone. */
export function runDestroy(args: DestroyArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async ({ host, progressStyle, print }) => {
    const { clock, signal } = context;
    const { name, namespace } = await readSpec(args, readPorts({ host }, context));
    const includeVolumes = args['include-volumes'] === true;
    return withCluster(args, context, async (cluster) => {
      const planning = planDestroy({ name, namespace }, { cluster }, { includeVolumes });
      const plan = await interruptible(planning, signal);
      host.show(renderDestroyPlan(plan, progressStyle));
      if (plan.deletes.length > 0 && args.yes !== true) {
        await confirmChange(questionFor(plan), { host, signal });
      }
      const result = await destroyDeployment(plan, {
        cluster,
        host,
        clock,
        signal,
        owner: context,
      });
      print({ document: result, render: (style) => renderDestroyResult(result, style) });
      return exitCode.done;
    });
  });
}

function questionFor({ deployment, deletes, target }: DestroyPlan): string {
  const count = deletes.length === 1 ? '1 object' : `${String(deletes.length)} objects`;
  return `Delete ${count} of "${deployment.name}" in context ${target.context}? Its groups stop serving.`;
}
