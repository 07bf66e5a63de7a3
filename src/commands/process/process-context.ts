import type { Output, TextEnvironment } from '../../ui/output.ts';
import type { Context } from '../context.ts';
import { version } from '../version.ts';
import { readEnvironment } from './environment.ts';
import { keepHeapSmall } from './keep-heap-small.ts';
import { nodeClock } from './node-clock.ts';
import { nodeFiles } from './node-files.ts';
import { readOperator } from './operator.ts';

export interface ProcessContextOptions {
  readonly signal: AbortSignal;
  readonly interrupt: () => void;
}

/** Binds the commands to this process: its streams, environment, files, clusters and sandboxes. */
export function createProcessContext(options: ProcessContextOptions): Context {
  const { signal } = options;
  const { stdout, stderr } = process;
  const environment = readEnvironment(process.env);
  return {
    version,
    stdout: toOutput(stdout),
    stderr: toOutput(stderr),
    environment,
    signal,
    // Asked for by few commands, and slow where users are looked up over the network.
    get operator() {
      return readOperator();
    },
    processId: process.pid,
    clock: nodeClock,
    files: nodeFiles,
    openCluster: async (choice) => {
      keepHeapSmall();
      const { openCluster } = await import('../../cluster/index.ts');
      return openCluster(choice);
    },
    openSandbox: async () => {
      const sandbox = await import('../../sandbox/index.ts');
      return {
        start: sandbox.startSandbox,
        stop: sandbox.stopSandbox,
        readStatus: sandbox.readSandboxStatus,
        defaultDirectory: sandbox.defaultSandboxDirectory,
      };
    },
    ...openTerminal(environment, options),
  };
}

/** The live view, where there is a terminal for it. */
function openTerminal(
  environment: TextEnvironment,
  { signal, interrupt }: ProcessContextOptions,
): Pick<Context, 'openTerminal'> {
  const { stderr } = process;
  if (!stderr.isTTY || environment.ci || environment.dumbTerminal) return {};
  return {
    openTerminal: async (style) => {
      const { TerminalHost } = await import('../../ui/host/terminal-host.ts');
      const nowMs = () => nodeClock.nowMs();
      // Read no earlier: a look at it is enough to open it.
      const { stdin } = process;
      return new TerminalHost({ stream: stderr, input: stdin, style, nowMs, signal, interrupt });
    },
  };
}

function toOutput(stream: NodeJS.WriteStream): Output {
  // Absent and not false for a pipe, whatever its type says.
  const { isTTY = false } = stream as { readonly isTTY?: boolean };
  // Whoever reads a pipe may stop reading, as `head` does; the work goes on and ends as usual.
  let isClosed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
  });
  return {
    write: (text) => {
      if (!isClosed) stream.write(text);
    },
    isTty: isTTY,
    get isClosed() {
      return isClosed;
    },
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}
