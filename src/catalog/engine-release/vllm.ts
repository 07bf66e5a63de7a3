import type { EngineReleaseRow } from './release-row.ts';
import { argumentSource, readArguments } from './schema.ts';

/**
 * @source vLLM docker/Dockerfile and docker/Dockerfile.rocm: `vllm/vllm-openai` and
 * `vllm/vllm-openai-rocm`, tags `vX.Y.Z`; the ROCm tags of these releases were not looked up
 */
function release(version: string): EngineReleaseRow {
  return {
    engine: 'vllm',
    version,
    images: {
      nvidia: { reference: `vllm/vllm-openai:v${version}`, label: 'published' },
      amd: { reference: `vllm/vllm-openai-rocm:v${version}`, label: 'unverified' },
    },
    get arguments() {
      return readArguments(`vllm-${version}`);
    },
    source: argumentSource,
  };
}

export const vllmReleases: readonly EngineReleaseRow[] = [
  release('0.33.0'),
  release('0.25.1'),
  release('0.23.0'),
  release('0.18.1'),
];
