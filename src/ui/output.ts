/** A text stream that results or progress are written to. */
export interface Output {
  write(text: string): void;
  readonly isTty: boolean;
  /** Width of the terminal; `undefined` for anything else. */
  readonly columns: number | undefined;
  /** Whether the reader has gone, as `head` does; what is written is dropped. */
  readonly isClosed: boolean;
}

/** What the environment says about how text may look. */
export interface TextPreferences {
  /** `--no-color` was given. */
  readonly noColor: boolean;
  readonly environment: TextEnvironment;
}

/** The environment variables that matter to text, parsed once in `cli.ts`. */
export interface TextEnvironment {
  readonly noColor: boolean;
  readonly forceColor: boolean;
  readonly ci: boolean;
  readonly dumbTerminal: boolean;
  readonly utf8: boolean;
}
