import type { EngineReleaseRow, ReleaseImage } from './release-row.ts';
import { argumentSource, readArguments } from './schema.ts';

type Images = EngineReleaseRow['images'];

function release(
  version: string,
  images: Images = {},
  abilities: Pick<EngineReleaseRow, 'agreesOnTimeouts'> = {},
): EngineReleaseRow {
  return {
    engine: 'sglang',
    version,
    images: {
      // Docker Hub's tags follow the releases; v0.5.18 was seen, these were not looked up.
      nvidia: { reference: `lmsysorg/sglang:v${version}`, label: 'unverified' },
      ...images,
    },
    get arguments() {
      return readArguments(`sglang-${version}`);
    },
    ...abilities,
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
  // sgl-project/sglang#37143 of 2026-09-08; srt/managers/scheduler.py of 0.5.23 has it, of 0.5.16 not.
  release('0.5.23', {}, { agreesOnTimeouts: true }),
  release('0.5.16', ascend('0.5.16', '9.0.0')),
  release('0.5.12', mi35x('lmsysorg/sglang-rocm:v0.5.12-rocm720-mi35x-20260517')),
];
