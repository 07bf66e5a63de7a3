import { hasDrift, readDrift } from '../../actions/history/index.ts';
import { type ExitCode, exitCode } from '../../errors/index.ts';
import { renderDrift, summarizeDrift } from '../../ui/text/drift.ts';
import type { Context } from '../context.ts';
import type { DriftDocument } from '../documents.ts';
import { type DeploymentArgs, readDeployment } from './deployment-source.ts';
import { interruptible } from './interruptible.ts';
import {
  type ClusterArgs,
  type ResultArgs,
  readPorts,
  withCluster,
  withSession,
} from './with-session.ts';

export interface DiffArgs extends DeploymentArgs, ClusterArgs, ResultArgs {}

/** Compares what is live with what was applied last. */
export function runDiff(args: DiffArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const { deployment } = await readDeployment(args, readPorts(session, context));
    const drift = await withCluster(args, context, (cluster) =>
      interruptible(readDrift(deployment, { cluster, host: session.host }), context.signal),
    );
    session.print({
      document: { ...drift, summary: summarizeDrift(drift) } satisfies DriftDocument,
      render: (style) => renderDrift(drift, style),
    });
    return hasDrift(drift) ? exitCode.changesPresent : exitCode.done;
  });
}
