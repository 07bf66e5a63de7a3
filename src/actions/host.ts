import type { Message } from './message.ts';

/** The one listener of an action: a terminal, plain lines, or JSON events. */
export interface Host {
  notify(message: Message): void;
  /** Asks before something that cannot be undone; a non-interactive host answers `false`. */
  confirm(question: string): Promise<boolean>;
}

/** Time as a port, so that a minute of waiting is tested in a millisecond. */
export interface Clock {
  /** Milliseconds since 1970, never running backwards: ages of cluster objects are taken from it. */
  nowMs(): number;
  /** Resolves early, without error, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
