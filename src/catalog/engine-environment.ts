import { readEngineArgs } from './engine-args.ts';
import { hostRelease } from './engine-release/host-release.ts';
import type { EngineReleaseRow } from './engine-release/release-row.ts';

type NamesByVersion = Readonly<Partial<Record<string, readonly string[]>>>;

function namesOf(engine: EngineReleaseRow['engine']): NamesByVersion {
  return readEngineArgs(`${engine}-env`) as NamesByVersion;
}

/** Environment variables a release reads, from its sources; `undefined` when they are not known. */
export function findEnvironment({
  engine,
  version,
}: Pick<EngineReleaseRow, 'engine' | 'version'>): readonly string[] | undefined {
  const own = namesOf(engine)[version];
  if (engine !== 'vllm-ascend') return own;
  // A plug-in reads its own variables and those of the vLLM release of the same number.
  const host = namesOf('vllm')[hostRelease(version)];
  return own === undefined || host === undefined ? undefined : [...host, ...own];
}
