import type { AcceleratorRow } from './accelerator.ts';
import vllm0181 from './engine-args/vllm-0.18.1.json' with { type: 'json' };
import vllm0251 from './engine-args/vllm-0.25.1.json' with { type: 'json' };
import vllm0330 from './engine-args/vllm-0.33.0.json' with { type: 'json' };

export type EngineId = 'vllm';

/** One option of an engine's own argument parser. */
export interface EngineArgument {
  /** All spellings, negated ones included. */
  readonly flags: readonly string[];
  /** Name of the parser's type function, for example `int`; absent for switches. */
  readonly type: string | null;
  readonly takes: 'none' | 'one' | 'many';
  readonly choices?: readonly (string | number | null)[];
  readonly deprecated?: boolean;
}

export interface EngineReleaseRow {
  readonly engine: EngineId;
  readonly version: string;
  readonly image: string;
  readonly vendors: readonly AcceleratorRow['vendor'][];
  /** The release's own default of its memory fraction flag. */
  readonly memoryUtilization: number;
  readonly arguments: readonly EngineArgument[];
  readonly source: string;
}

const argumentSource = 'argument parser of the release, run on CPU (2026-11)';

function vllmRelease(
  version: string,
  memoryUtilization: number,
  rows: readonly unknown[],
): EngineReleaseRow {
  return {
    engine: 'vllm',
    version,
    image: `vllm/vllm-openai:v${version}`,
    vendors: ['nvidia'],
    memoryUtilization,
    arguments: rows as readonly EngineArgument[],
    source: argumentSource,
  };
}

/** Newest first. V3.2 needs vLLM 0.18.0 or newer (vllm-project/recipes, DeepSeek-V3.2.yaml). */
export const engineReleases: readonly EngineReleaseRow[] = [
  vllmRelease('0.33.0', 0.92, vllm0330),
  vllmRelease('0.25.1', 0.92, vllm0251),
  vllmRelease('0.18.1', 0.9, vllm0181),
];
