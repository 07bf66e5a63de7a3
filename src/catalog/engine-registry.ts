import registries from './engine-args/registries.json' with { type: 'json' };
import { hostRelease } from './engine-release/host-release.ts';
import type { EngineReleaseRow } from './engine-release/release-row.ts';

/** Names that only a running engine checks; an absent list is not known. */
export interface EngineRegistry {
  readonly reasoningParsers?: readonly string[];
  readonly toolParsers?: readonly string[];
  readonly kvConnectors?: readonly string[];
  readonly all2allBackends?: readonly string[];
  /** Keys of vllm-ascend's `--additional-config`. */
  readonly additionalConfigKeys?: readonly string[];
}

type RegistryByVersion = Readonly<Partial<Record<string, EngineRegistry>>>;

const byEngine: Readonly<Record<EngineReleaseRow['engine'], RegistryByVersion>> = registries;

/** Names a release knows: parsers, connectors, backends; `undefined` when they were not read. */
export function findRegistry({
  engine,
  version,
}: Pick<EngineReleaseRow, 'engine' | 'version'>): EngineRegistry | undefined {
  const own = byEngine[engine][version];
  if (engine !== 'vllm-ascend') return own;
  const host = byEngine.vllm[hostRelease(version)];
  return host === undefined ? own : { ...host, ...own };
}
