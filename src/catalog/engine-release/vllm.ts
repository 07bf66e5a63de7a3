import vllm0181 from '../engine-args/vllm-0.18.1.json' with { type: 'json' };
import vllm0230 from '../engine-args/vllm-0.23.0.json' with { type: 'json' };
import vllm0251 from '../engine-args/vllm-0.25.1.json' with { type: 'json' };
import vllm0330 from '../engine-args/vllm-0.33.0.json' with { type: 'json' };
import type { EngineReleaseRow } from '../engine-release.ts';
import { argumentSource, toArguments } from './schema.ts';

/**
 * @source vLLM docker/Dockerfile and docker/Dockerfile.rocm: `vllm/vllm-openai` and
 * `vllm/vllm-openai-rocm`, tags `vX.Y.Z`; the ROCm tags of these releases were not looked up
 */
function release(version: string, rows: readonly unknown[]): EngineReleaseRow {
  return {
    engine: 'vllm',
    version,
    images: {
      nvidia: { reference: `vllm/vllm-openai:v${version}`, label: 'published' },
      amd: { reference: `vllm/vllm-openai-rocm:v${version}`, label: 'unverified' },
    },
    arguments: toArguments(rows),
    source: argumentSource,
  };
}

export const vllmReleases: readonly EngineReleaseRow[] = [
  release('0.33.0', vllm0330),
  release('0.25.1', vllm0251),
  release('0.23.0', vllm0230),
  release('0.18.1', vllm0181),
];
