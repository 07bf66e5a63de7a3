import sglang from './engine-args/sglang-env.json' with { type: 'json' };
import vllmAscend from './engine-args/vllm-ascend-env.json' with { type: 'json' };
import vllm from './engine-args/vllm-env.json' with { type: 'json' };
import type { EngineReleaseRow } from './engine-release.ts';

type NamesByVersion = Readonly<Partial<Record<string, readonly string[]>>>;

const names: Readonly<Record<EngineReleaseRow['engine'], NamesByVersion>> = {
  sglang,
  vllm,
  'vllm-ascend': vllmAscend,
};

/** Environment variables a release reads, from its sources; `undefined` when they are not known. */
export function findEnvironment({
  engine,
  version,
}: Pick<EngineReleaseRow, 'engine' | 'version'>): readonly string[] | undefined {
  const own = names[engine][version];
  if (engine !== 'vllm-ascend') return own;
  // A plug-in reads its own variables and those of the vLLM release of the same number.
  const host = names.vllm[version.replace(/rc\d+$/, '')];
  return own === undefined || host === undefined ? undefined : [...host, ...own];
}
