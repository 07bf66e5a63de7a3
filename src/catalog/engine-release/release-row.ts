export type EngineId = 'vllm' | 'vllm-ascend' | 'sglang';

/** One option of an engine's own argument parser. */
export interface EngineArgument {
  /** All spellings, negated ones included. */
  readonly flags: readonly string[];
  /** Name of the parser's type function, for example `int`; absent for switches. */
  readonly type: string | null;
  readonly takes: 'none' | 'one' | 'many';
  readonly choices?: readonly (string | number | null)[];
  readonly deprecated?: boolean;
  /** Whether the flag may stand without the value it takes. */
  readonly valueOptional?: boolean;
  /** Whether each further use adds a value instead of replacing the last. */
  readonly repeatable?: boolean;
}

/** A container image of a release. */
export interface ReleaseImage {
  readonly reference: string;
  /** Whether the very tag was seen in a source, or follows the project's naming scheme. */
  readonly label: 'published' | 'unverified';
}

export interface EngineReleaseRow {
  readonly engine: EngineId;
  readonly version: string;
  /**
   * Image by accelerator id (`ascend-a3`), else by vendor (`amd`). A group on any other device must
   * name its own image.
   */
  readonly images: Readonly<Partial<Record<string, ReleaseImage>>>;
  /**
   * Whether one rank decides for all of a group when a request took too long.
   *
   * @default - each decides by its own clock, or there is no such limit
   */
  readonly agreesOnTimeouts?: true;
  readonly arguments: readonly EngineArgument[];
  readonly source: string;
}
