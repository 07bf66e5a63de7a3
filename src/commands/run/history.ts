import { type RevisionDetail, readHistory, readRevision } from '../../actions/history/index.ts';
import { DsdeployError, type ExitCode, exitCode } from '../../errors/index.ts';
import { toYaml } from '../../render/index.ts';
import type { Style } from '../../ui/style.ts';
import { renderHistory, renderRevision } from '../../ui/text/history.ts';
import type { Context } from '../context.ts';
import { type DeploymentArgs, parseRevisionNumber, readDeployment } from './deployment-source.ts';
import { interruptible } from './interruptible.ts';
import {
  type ClusterArgs,
  type ResultArgs,
  readPorts,
  withCluster,
  withSession,
} from './with-session.ts';

export interface HistoryArgs extends DeploymentArgs, ClusterArgs, ResultArgs {
  readonly revision?: string | undefined;
  readonly spec?: boolean | undefined;
  readonly manifests?: boolean | undefined;
}

/** Lists revisions, or shows one. */
export function runHistory(args: HistoryArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const number = parseRevisionNumber(args.revision);
    refuseParts(args);
    const { deployment } = await readDeployment(args, readPorts(session, context));
    return withCluster(args, context, async (cluster) => {
      if (number === undefined) {
        const history = await interruptible(readHistory(deployment, { cluster }), context.signal);
        const render = (style: Style) => renderHistory(history, style);
        session.print({ document: history, render });
        return exitCode.done;
      }
      const reading = readRevision(deployment, number, { cluster });
      const detail = await interruptible(reading, context.signal);
      session.print({ document: detail, render: (style) => renderPart(detail, args, style) });
      return exitCode.done;
    });
  });
}

function renderPart(detail: RevisionDetail, { spec, manifests }: HistoryArgs, style: Style) {
  if (spec === true) return detail.spec;
  return manifests === true ? toYaml(detail.manifests) : renderRevision(detail, style);
}

function refuseParts({ revision, spec, manifests }: HistoryArgs): void {
  const part = spec === true ? '--spec' : manifests === true ? '--manifests' : undefined;
  const isBoth = spec === true && manifests === true;
  if (part === undefined || (revision !== undefined && !isBoth)) return;
  throw new DsdeployError(
    'USAGE',
    isBoth ? 'Cannot print both spec and objects' : `Cannot use ${part} without a revision`,
    { subject: part, hint: 'Name one revision and one of --spec and --manifests.' },
  );
}
