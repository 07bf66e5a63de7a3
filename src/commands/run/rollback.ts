import { readRollback } from '../../actions/history/index.ts';
import { dumpSpec } from '../../actions/render/plan-request.ts';
import type { ExitCode } from '../../errors/index.ts';
import type { Context } from '../context.ts';
import { type ApplyOptions, applySource } from './apply.ts';
import { type DeploymentArgs, parseRevisionNumber, readDeployment } from './deployment-source.ts';
import { interruptible } from './interruptible.ts';
import { type ResultArgs, readPorts, withCluster, withSession } from './with-session.ts';

export interface RollbackArgs extends DeploymentArgs, ApplyOptions, ResultArgs {
  readonly revision?: string | undefined;
}

/** Applies an earlier revision, and says what that means for the spec on disk. */
export function runRollback(args: RollbackArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const wanted = parseRevisionNumber(args.revision);
    const { deployment, spec } = await readDeployment(args, readPorts(session, context));
    return withCluster(args, context, async (cluster) => {
      const reading = readRollback(deployment, wanted, { cluster, host: session.host });
      const rollback = await interruptible(reading, context.signal);
      const { layout, manifests, number } = rollback;
      const isOnDisk = spec !== undefined && dumpSpec(spec) === rollback.spec;
      const name = spec === undefined ? 'the spec in your repository' : `"${args.file}"`;
      const notice = isOnDisk
        ? undefined
        : `The next apply of ${name} undoes this rollback, unless it is the spec of revision ${String(number)}: \`dsdeploy history ${String(number)} --spec > FILE\` writes that`;
      const source = { layout, revision: { number, manifests } };
      return applySource(source, args, { cluster, session, context, notice });
    });
  });
}
