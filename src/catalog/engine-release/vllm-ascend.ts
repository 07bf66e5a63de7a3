import { hostRelease } from './host-release.ts';
import type { EngineReleaseRow } from './release-row.ts';
import { readArguments } from './schema.ts';

/**
 * vllm-ascend is a plug-in of the vLLM release of the same number and adds no arguments of its own.
 *
 * @source vllm-ascend docs/source/community/versioning_policy.md: `quay.io/ascend/vllm-ascend:vX` for
 * A2, with `-a3` for A3
 */
function release(version: string): EngineReleaseRow {
  const reference = `quay.io/ascend/vllm-ascend:v${version}`;
  return {
    engine: 'vllm-ascend',
    version,
    images: {
      'ascend-a2': { reference, label: 'published' },
      'ascend-a3': { reference: `${reference}-a3`, label: 'published' },
    },
    get arguments() {
      return readArguments(`vllm-${hostRelease(version)}`);
    },
    source: 'argument parser of the vLLM release of the same number, run on CPU (2026-11)',
  };
}

export const vllmAscendReleases: readonly EngineReleaseRow[] = [
  release('0.25.1rc1'),
  // Fixes stale writes to the KV cache when data-parallel ranks idle, which every layout here has.
  release('0.23.0.post1'),
  release('0.23.0'),
];
