import { readEngineArgs } from '../engine-args.ts';
import type { EngineArgument } from './release-row.ts';

/** Where the argument schemas of all releases come from. */
export const argumentSource = 'argument parser of the release, run on CPU (2026-11)';

/** The argument parser of a release of vLLM or SGLang, read on first use: `vllm-0.33.0`. */
export function readArguments(release: string): readonly EngineArgument[] {
  return readEngineArgs(release) as readonly EngineArgument[];
}
