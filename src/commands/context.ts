import type { Clock } from '../actions/host.ts';
import type { Files } from '../actions/read-spec.ts';
import type { Cluster } from '../cluster/index.ts';
import type { ProgressHost } from '../ui/host/progress-host.ts';
import type { Output, TextEnvironment } from '../ui/output.ts';
import type { Style } from '../ui/style.ts';
import type { SandboxPort } from './run/sandbox-port.ts';

export interface ClusterChoice {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** Everything a command touches outside itself; `cli.ts` makes the real one, tests make fakes. */
export interface Context {
  readonly version: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: TextEnvironment;
  /** Aborted by the first SIGINT or SIGTERM; actions finish the request in flight. */
  readonly signal: AbortSignal;
  /** Login and host, for the history: `ann@laptop`. */
  readonly operator: string;
  /** As others are told who holds a lock. */
  readonly processId: number;
  readonly clock: Clock;
  readonly files: Files;
  readonly openCluster: (choice: ClusterChoice) => Promise<Cluster>;
  readonly openSandbox: () => Promise<SandboxPort>;
  /** Opens the live view of a terminal; `undefined` where lines are written instead. */
  readonly openTerminal?: (style: Style) => Promise<ProgressHost>;
}
