import sglang0512 from '../engine-args/sglang-0.5.12.json' with { type: 'json' };
import sglang0516 from '../engine-args/sglang-0.5.16.json' with { type: 'json' };
import sglang0523 from '../engine-args/sglang-0.5.23.json' with { type: 'json' };
import type { EngineReleaseRow, ReleaseImage } from '../engine-release.ts';
import { argumentSource, toArguments } from './schema.ts';

type Images = EngineReleaseRow['images'];

function release(version: string, rows: readonly unknown[], images: Images = {}): EngineReleaseRow {
  return {
    engine: 'sglang',
    version,
    images: {
      // Docker Hub's tags follow the releases; v0.5.18 was seen, these were not looked up.
      nvidia: { reference: `lmsysorg/sglang:v${version}`, label: 'unverified' },
      ...images,
    },
    arguments: toArguments(rows),
    source: argumentSource,
  };
}

/** One ROCm image serves both MI350X and MI355X (gfx950). */
function mi35x(reference: string): Images {
  const image: ReleaseImage = { reference, label: 'published' };
  return { mi355x: image, mi350x: image };
}

/** Tags by CANN release and series: `910b` is A2. */
function ascend(version: string, cann: string): Images {
  const tag = (series: string): ReleaseImage => ({
    reference: `quay.io/ascend/sglang:cann${cann}-${series}-v${version}`,
    label: 'published',
  });
  return { 'ascend-a2': tag('910b'), 'ascend-a3': tag('a3') };
}

/** @source SGLang cookbook, DeepSeek-V3.2, and SGLang Ascend documentation; tags per platform */
export const sglangReleases: readonly EngineReleaseRow[] = [
  release('0.5.23', sglang0523),
  release('0.5.16', sglang0516, ascend('0.5.16', '9.0.0')),
  release('0.5.12', sglang0512, mi35x('lmsysorg/sglang-rocm:v0.5.12-rocm720-mi35x-20260517')),
];
