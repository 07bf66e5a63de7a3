import type { Host } from '../../actions/host.ts';

/** A host that the root of the program opens and closes. */
export interface ProgressHost extends Host {
  /** Whether `confirm` can ask somebody. */
  readonly isInteractive: boolean;
  /** Shows text that belongs to the talk, not to the result: a plan before its question. */
  show(text: string): void;
  /** Replaces the text shown by the last call, where the medium can; for `--watch`. */
  refresh(text: string): void;
  /** Ends the live view and leaves its last state on the screen. */
  close(): void;
}
