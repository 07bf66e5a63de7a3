import { DsdeployError } from '../../errors/index.ts';
import { sandboxPaths } from '../paths.ts';
import { pollUntilDone } from '../poll.ts';
import { type SandboxState, writeSandboxState } from '../state.ts';
import {
  bootError,
  type ComponentCommand,
  type ComponentProcess,
  type ProcessName,
  startComponent,
} from './component-process.ts';

/**
 * One attempt to boot: starts components, notes each in the state file at once, and notices when
 * one ends or the user interrupts.
 */
export class BootSession {
  #state: SandboxState;
  readonly #signal: AbortSignal;
  readonly #processes: ComponentProcess[] = [];
  readonly #starts: Promise<void>[] = [];
  #isClosed = false;

  constructor(state: SandboxState, signal: AbortSignal) {
    this.#state = state;
    this.#signal = signal;
  }

  get state(): SandboxState {
    return this.#state;
  }

  /** Starts a component and notes it in the state file before anything else may happen. */
  async start(name: ProcessName, program: string, args: readonly string[]): Promise<void> {
    this.#assertOpen();
    const start = this.#start({ name, program, args });
    this.#starts.push(start.catch(() => undefined)); // its own caller gets the error
    await start;
  }

  /** Lets nothing start any more and waits for what is just starting, so that all can be ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#starts);
  }

  async #start(command: ComponentCommand): Promise<void> {
    const started = await startComponent(command, sandboxPaths(this.#state.directory));
    this.#processes.push(started);
    const processes = { ...this.#state.processes, [command.name]: started.identity };
    await this.update({ processes });
  }

  /** Changes the state, in the file too. */
  async update(change: Partial<SandboxState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    const write = this.#lastWrite.then(() => writeSandboxState(this.#state));
    // A failed write is reported to its own caller only.
    this.#lastWrite = write.catch(() => undefined);
    await write;
  }

  // Components start side by side; their notes in the state file must not overtake each other.
  #lastWrite: Promise<void> = Promise.resolve();

  /** Waits until `attempt` succeeds, which shows that the component `name` does its work. */
  async waitFor(name: ProcessName, timeoutMs: number, attempt: () => Promise<void>): Promise<void> {
    const paths = sandboxPaths(this.#state.directory);
    await pollUntilDone(attempt, {
      timeoutMs,
      assertWorthwhile: async () => {
        this.#assertOpen();
        const ended = this.#processes.find((process) => process.exit() !== undefined);
        if (ended === undefined) return;
        throw await bootError(ended.name, `ended with ${ended.exit() ?? ''}`, paths);
      },
      onTimeout: (lastError) => {
        const seconds = String(timeoutMs / 1000);
        const reason = lastError instanceof Error ? lastError.message : String(lastError);
        return bootError(name, `does not work after ${seconds} s: ${reason}`, paths);
      },
    });
  }

  #assertOpen(): void {
    if (!this.#signal.aborted && !this.#isClosed) return;
    throw new DsdeployError(
      'INTERRUPTED',
      `Cannot start sandbox "${this.#state.name}": interrupted`,
    );
  }
}
