import type { TimeConstantsRow } from '../../catalog/index.ts';
import type { MeasuredMemory } from '../memory/fit-request.ts';
import type { WeightSharding } from '../memory/weights.ts';
import { measuredFor, type ProfiledMemory, type SiteProfile } from './site-profile.ts';

/** The file `dsdeploy calibrate` writes; `fit`, `plan` and `estimate` read it. */
export interface SiteProfileDocument {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'SiteProfile';
  readonly name: string;
  /** One entry for each start that was read. */
  readonly memory: readonly MemoryEntry[];
  /** Constants fitted to the site's own benchmarks. */
  readonly time: readonly TimeConstantsRow[];
}

/** What was started, and what its log said. */
export interface MemoryEntry extends ProfiledMemory {
  readonly engine: string;
  readonly release: string;
  /** Row of `models`. */
  readonly model: string;
  /** Row of `accelerators`. */
  readonly device: string;
  readonly settings: MemorySettings;
}

/** Settings that what an engine counts besides weights and cache depends on. */
export interface MemorySettings {
  readonly contextTokens: number;
  /** Absent where the engine's default was not known. */
  readonly batchedTokens?: number;
  readonly mtpTokens: number;
}

export interface MemoryQuestion {
  readonly engine: string;
  readonly model: string;
  readonly device: string;
  readonly sharding: WeightSharding;
  readonly settings: MemorySettings;
}

/**
 * What a profile says about the memory of one rank, the entry of the very layout first. Weights hold
 * for their layout and drafts alone, and overhead for the settings it was seen with.
 */
export function measuredIn(
  { name, memory }: SiteProfileDocument,
  question: MemoryQuestion,
): MeasuredMemory | undefined {
  const { sharding, settings } = question;
  const usable = memory.filter(
    (entry) =>
      entry.engine === question.engine &&
      entry.model === question.model &&
      entry.device === question.device,
  );
  const answers = usable.flatMap((entry) => {
    const measured = measuredFor({ name, memory: entry }, sharding);
    return measured === undefined ? [] : [restrict(measured, entry.settings, settings)];
  });
  const facts = (measured: MeasuredMemory) => Object.keys(measured).length;
  const [best] = answers.toSorted((a, b) => facts(b) - facts(a));
  return best === undefined || facts(best) === 1 ? undefined : best;
}

function restrict(
  { freeBytes, weightsBytes, overheadBytes, source }: MeasuredMemory,
  seen: MemorySettings,
  asked: MemorySettings,
): MeasuredMemory {
  const sameDrafts = seen.mtpTokens === asked.mtpTokens;
  const sameStep =
    sameDrafts &&
    seen.contextTokens === asked.contextTokens &&
    seen.batchedTokens === asked.batchedTokens;
  return {
    source,
    ...(freeBytes === undefined ? {} : { freeBytes }),
    ...(weightsBytes === undefined || !sameDrafts ? {} : { weightsBytes }),
    ...(overheadBytes === undefined || !sameStep ? {} : { overheadBytes }),
  };
}

/** The part of a profile that estimates of time use. */
export function timeProfile({ name, time }: SiteProfileDocument): SiteProfile {
  return { name, timeRows: time };
}

/** Adds entries to a profile; an entry of the same start or benchmark is replaced. */
export function mergeProfiles(
  profile: SiteProfileDocument,
  added: Pick<SiteProfileDocument, 'memory' | 'time'>,
): SiteProfileDocument {
  const memoryKey = ({ engine, release, model, device, sharding, settings }: MemoryEntry) =>
    JSON.stringify([engine, release, model, device, sharding, settings]);
  const timeKey = ({ engine, device, layoutClass, range }: TimeConstantsRow) =>
    JSON.stringify([engine, device, layoutClass, range.models]);
  return {
    ...profile,
    memory: replaceEqual(profile.memory, added.memory, memoryKey),
    time: replaceEqual(profile.time, added.time, timeKey),
  };
}

function replaceEqual<T>(
  present: readonly T[],
  added: readonly T[],
  keyOf: (entry: T) => string,
): T[] {
  const keys = new Set(added.map(keyOf));
  return [...present.filter((entry) => !keys.has(keyOf(entry))), ...added];
}
