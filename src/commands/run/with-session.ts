import type { ReadPorts } from '../../actions/read-spec.ts';
import type { Cluster } from '../../cluster/index.ts';
import type { ExitCode } from '../../errors/index.ts';
import { openSession, type Session } from '../../ui/host/session.ts';
import type { Context } from '../context.ts';
import { interruptible } from './interruptible.ts';

/** Values of `resultOptions`. */
export interface ResultArgs {
  readonly output: 'text' | 'json';
  readonly 'no-color'?: boolean | undefined;
}

/** Values of `specOptions`. */
export interface SpecArgs {
  readonly file: string;
  readonly namespace?: string | undefined;
}

/** Values of `clusterOptions`. */
export interface ClusterArgs {
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
}

/** Opens the live view and the result stream around `run`, and always closes them. */
export async function withSession(
  args: ResultArgs,
  context: Context,
  run: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const session = await openSession(
    { output: args.output, noColor: args['no-color'] === true },
    context,
  );
  try {
    return await run(session);
  } finally {
    session.close();
  }
}

/** Opens a cluster around `run`, and always closes it. */
export async function withCluster<T>(
  args: ClusterArgs,
  context: Context,
  run: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const opening = context.openCluster({ kubeconfig: args.kubeconfig, context: args.context });
  const cluster = await interruptible(opening, context.signal);
  try {
    return await run(cluster);
  } finally {
    await cluster.close();
  }
}

/** Ports of reading a spec; waiting for stdin ends with Ctrl-C. */
export function readPorts(
  { host }: Pick<Session, 'host'>,
  { files, signal }: Pick<Context, 'files' | 'signal'>,
): ReadPorts {
  const readStdin = () => interruptible(files.readStdin(), signal);
  return { files: { readText: (path) => files.readText(path), readStdin }, host };
}
