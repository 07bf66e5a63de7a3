import type { AcceleratorRow } from './accelerator/accelerator-row.ts';
import type {
  EngineArgument,
  EngineReleaseRow,
  ReleaseImage,
} from './engine-release/release-row.ts';
import { sglangReleases } from './engine-release/sglang.ts';
import { vllmReleases } from './engine-release/vllm.ts';
import { vllmAscendReleases } from './engine-release/vllm-ascend.ts';

/** Newest first within each engine. V3.2 needs vLLM 0.18.0 (vllm-project/recipes). */
export const engineReleases: readonly EngineReleaseRow[] = [
  ...vllmReleases,
  ...vllmAscendReleases,
  ...sglangReleases,
];

/** The image of a release for one device, or `undefined` when none is known. */
export function findImage(
  { images }: EngineReleaseRow,
  { id, vendor }: Pick<AcceleratorRow, 'id' | 'vendor'>,
): ReleaseImage | undefined {
  return images[id] ?? images[vendor];
}

/** The argument of a release that has this very flag. */
export function findArgument(
  release: Pick<EngineReleaseRow, 'arguments'>,
  flag: string,
): EngineArgument | undefined {
  return release.arguments.find(({ flags }) => flags.includes(flag));
}
