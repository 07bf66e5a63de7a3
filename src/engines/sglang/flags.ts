import { type EngineReleaseRow, findArgument } from '../../catalog/index.ts';

/**
 * Options that changed their name, newest name first. Which one a release has is read from its
 * argument schema, so a new release needs no change here.
 *
 * @source schemas of 0.5.12 and 0.5.23; sgl-project/sglang#25821 renamed NSA to DSA
 */
export const renamedFlags = {
  dsaPrefillBackend: ['--dsa-prefill-backend', '--nsa-prefill-backend'],
  dsaDecodeBackend: ['--dsa-decode-backend', '--nsa-decode-backend'],
  graphMaxBatch: ['--cuda-graph-max-bs-decode', '--cuda-graph-max-bs'],
  prefillContextParallel: [
    '--enable-prefill-cp',
    '--enable-prefill-context-parallel',
    '--enable-nsa-prefill-context-parallel',
  ],
  contextParallelMode: ['--cp-strategy', '--prefill-cp-mode', '--nsa-prefill-cp-mode'],
  graphBatches: ['--cuda-graph-bs-decode', '--cuda-graph-bs'],
  waterfill: ['--enable-waterfill', '--enable-deepep-waterfill'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type RenamedFlag = keyof typeof renamedFlags;

/** Whether the release's parser knows this very flag. */
export function hasFlag(release: Pick<EngineReleaseRow, 'arguments'>, flag: string): boolean {
  return findArgument(release, flag) !== undefined;
}

/** The name a release has for an option, or `undefined` when it has none of them. */
export function flagOf(
  release: Pick<EngineReleaseRow, 'arguments'>,
  option: RenamedFlag,
): string | undefined {
  return renamedFlags[option].find((flag) => hasFlag(release, flag));
}

/** Flag and value as two arguments; none where the release has no such option. */
export function optionArguments(
  release: Pick<EngineReleaseRow, 'arguments'>,
  option: RenamedFlag,
  value: string | number,
): string[] {
  const flag = flagOf(release, option);
  return flag === undefined ? [] : [flag, String(value)];
}
