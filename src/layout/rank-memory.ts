import type { RankMemory } from '../capacity/index.ts';
import type { LayoutQuestion } from '../engines/index.ts';
import type { GroupFacts } from './group-facts.ts';

/** Memory of the fullest rank of a legal layout, by the arithmetic of its engine. */
export function rankMemory({ engine }: GroupFacts, question: LayoutQuestion): RankMemory {
  const { model, accelerator, group, parallelism } = question;
  const step = engine.stepSettings?.(question);
  return engine.fit({
    model,
    accelerator,
    sharding: parallelism,
    kvLayout: engine.kvLayout(question),
    utilization: group.memoryUtilization ?? engine.defaultUtilization(question),
    contextTokens: group.contextTokens,
    mtpTokens: group.mtpTokens,
    blockTokens: engine.blockTokens(question),
    redundantExpertsPerRank: redundantExpertsPerRank(question),
    ...(step === undefined ? {} : { step }),
  });
}

/** Slots of one rank beyond its share of the experts, which the capacity model rounds up. */
function redundantExpertsPerRank({ model, group, parallelism }: LayoutQuestion): number {
  if (group.redundantExperts === 0) return 0;
  const { routedExperts } = model.architecture;
  const ranks = parallelism.tensor * parallelism.data;
  return (routedExperts + group.redundantExperts) / ranks - Math.ceil(routedExperts / ranks);
}
