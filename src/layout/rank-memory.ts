import {
  type FitRequest,
  type MeasuredMemory,
  measuredIn,
  type RankMemory,
} from '../capacity/index.ts';
import type { EngineReleaseRow } from '../catalog/index.ts';
import type { LayoutQuestion } from '../engines/index.ts';
import type { MeasuredMemorySpec } from '../spec/index.ts';
import type { GroupFacts } from './group-facts.ts';

/** Memory of the fullest rank of a legal layout, by the arithmetic of its engine. */
export function rankMemory(facts: GroupFacts, question: LayoutQuestion): RankMemory {
  return facts.engine.fit(fitRequestOf(facts, question));
}

/**
 * What the arithmetic of the engine is asked. What the spec states of a log comes before what the
 * site's profile says, and both before what is computed.
 */
export function fitRequestOf(facts: GroupFacts, asked: LayoutQuestion): FitRequest {
  const { engine } = facts;
  const question = replayed(asked);
  const { model, accelerator, group, parallelism } = question;
  const { measured: stated, replay } = group.memory ?? {};
  const step = engine.stepSettings?.(question);
  const measured = statedMemory(stated) ?? profiledMemory(facts, question, step?.batchedTokens);
  return {
    model,
    accelerator:
      stated?.deviceBytes === undefined
        ? accelerator
        : { ...accelerator, memoryBytes: stated.deviceBytes },
    sharding: parallelism,
    kvLayout: replay?.cacheLayout ?? engine.kvLayout(question),
    utilization: group.memoryUtilization ?? engine.defaultUtilization(question),
    contextTokens: group.contextTokens,
    mtpTokens: group.mtpTokens,
    blockTokens: replay?.blockTokens ?? engine.blockTokens(question),
    redundantExpertsPerRank: redundantExpertsPerRank(question),
    ...(step === undefined ? {} : { step }),
    ...(measured === undefined ? {} : { measured }),
  };
}

/** The question with the release a group replays, whose defaults then count, in place of its own. */
function replayed(question: LayoutQuestion): LayoutQuestion {
  const { release, group } = question;
  const version = group.memory?.replay?.release;
  if (version === undefined) return question;
  const { engine, images, source } = release;
  // A spread would read the release's argument parser.
  const arguments_ = { get: () => release.arguments, enumerable: true };
  const row = Object.defineProperty({ engine, images, source, version }, 'arguments', arguments_);
  return { ...question, release: row as EngineReleaseRow };
}

function statedMemory(stated: MeasuredMemorySpec | undefined): MeasuredMemory | undefined {
  if (stated === undefined) return undefined;
  const { freeDeviceBytes, weightsBytes, overheadBytes } = stated;
  return {
    source: 'groups[].memory.measured',
    ...(freeDeviceBytes === undefined ? {} : { freeBytes: freeDeviceBytes }),
    ...(weightsBytes === undefined ? {} : { weightsBytes }),
    ...(overheadBytes === undefined ? {} : { overheadBytes }),
  };
}

function profiledMemory(
  { profile, release }: GroupFacts,
  { model, accelerator, group, parallelism }: LayoutQuestion,
  batchedTokens: number | undefined,
): MeasuredMemory | undefined {
  if (profile === undefined) return undefined;
  const { contextTokens, mtpTokens } = group;
  const settings = { contextTokens, mtpTokens };
  return measuredIn(profile, {
    engine: release.engine,
    model: model.id,
    device: accelerator.id,
    sharding: parallelism,
    settings: batchedTokens === undefined ? settings : { ...settings, batchedTokens },
  });
}

/** Slots of one rank beyond its share of the experts, which the capacity model rounds up. */
function redundantExpertsPerRank({ model, group, parallelism }: LayoutQuestion): number {
  if (group.redundantExperts === 0) return 0;
  const { routedExperts } = model.architecture;
  const ranks = parallelism.tensor * parallelism.data;
  return (routedExperts + group.redundantExperts) / ranks - Math.ceil(routedExperts / ranks);
}
