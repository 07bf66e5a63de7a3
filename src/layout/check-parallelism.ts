import { largestContext, type RankMemory } from '../capacity/index.ts';
import type { LayoutQuestion, Reason } from '../engines/index.ts';
import type { Parallelism } from '../spec/index.ts';
import { formatEach, formatGib } from '../units/index.ts';
import { formatParallelism } from './format-parallelism.ts';
import type { GroupFacts } from './group-facts.ts';
import { fitRequestOf, rankMemory } from './rank-memory.ts';

export interface ParallelismCheck {
  readonly reasons: readonly Reason[];
  /** Absent when the layout is not legal, so that no arithmetic is shown for it. */
  readonly memory?: RankMemory;
}

/** Devices each pod of a group uses under a layout; may be a fraction when it does not divide. */
export function devicesPerPod(parallelism: Parallelism, nodes: number): number {
  return (parallelism.tensor * parallelism.pipeline * parallelism.data) / nodes;
}

/** Rules of devices, engine and memory that one layout of a group breaks. */
export function checkParallelism(facts: GroupFacts, parallelism: Parallelism): ParallelismCheck {
  const { group } = facts;
  const question: LayoutQuestion = {
    ...facts,
    parallelism,
    podsPerGroup: group.nodes,
    devicesPerPod: devicesPerPod(parallelism, group.nodes),
  };
  const reasons = [...layoutRules(facts, parallelism), ...checkContext(facts)];
  if (reasons.length > 0) return { reasons };
  const memory = rankMemory(facts, question);
  return { reasons: memory.fits ? [] : [memoryReason(facts, question, memory)], memory };
}

/** Rules of devices and engine alone, without the arithmetic of memory. */
export function layoutRules(facts: GroupFacts, parallelism: Parallelism): Reason[] {
  const { group, engine } = facts;
  const devices = checkDevices(facts, parallelism);
  const podsPerGroup = group.nodes;
  const perPod = devicesPerPod(parallelism, podsPerGroup);
  const question = { ...facts, parallelism, podsPerGroup, devicesPerPod: perPod };
  return [...devices, ...engine.checkLayout(question)];
}

function checkDevices({ group, pool }: GroupFacts, parallelism: Parallelism): Reason[] {
  const devices = devicesPerPod(parallelism, group.nodes);
  const total = devices * group.nodes;
  const product = `tensor x pipeline x data ${total}`;
  if (!Number.isInteger(devices)) {
    return [
      {
        code: 'LAYOUT_DEVICES_NOT_DIVISIBLE',
        message: `${product} does not divide over ${group.nodes} nodes`,
        hint: `Use a product of ${group.nodes * pool.devicesPerNode}, ${pool.devicesPerNode} devices on each node.`,
        source: 'one pod per node, all pods alike',
      },
    ];
  }
  if (devices > pool.devicesPerNode) {
    return [
      {
        code: 'LAYOUT_DEVICES_EXCEED_NODE',
        message: `${product} needs ${devices} devices on ${formatEach(group.nodes, 'node')}, and pool "${pool.name}" has ${pool.devicesPerNode}`,
        hint: `Use a product of ${group.nodes * pool.devicesPerNode}, or more nodes.`,
        source: `pools.${pool.name}.devicesPerNode`,
      },
    ];
  }
  return [];
}

function checkContext({ group, model }: GroupFacts): Reason[] {
  const { maxContextTokens } = model.architecture;
  if (group.contextTokens <= maxContextTokens) return [];
  return [
    {
      code: 'LAYOUT_CONTEXT_TOO_LONG',
      message: `context ${group.contextTokens} is more than the model's ${maxContextTokens} tokens`,
      hint: `Set context: ${maxContextTokens} or less.`,
      source: model.source,
    },
  ];
}

function memoryReason(facts: GroupFacts, question: LayoutQuestion, memory: RankMemory): Reason {
  const { parallelism } = question;
  const { term, missingBytes } = memory.binding ?? { term: 'memory', missingBytes: 0 };
  return {
    code: 'LAYOUT_DOES_NOT_FIT',
    message:
      `${formatParallelism(parallelism)} on ${facts.accelerator.name}: ${term} ` +
      `${term === 'weights' ? 'need' : 'needs'} ${formatGib(missingBytes)} more per rank than the ${formatGib(memory.budgetBytes)} budget allows`,
    hint: memoryHint(facts, question),
    source: 'weights and cache bytes are exact; see `dsdeploy fit`',
  };
}

function memoryHint(facts: GroupFacts, question: LayoutQuestion): string {
  const context = longestContext(facts, question);
  if (context !== undefined) {
    const cache = fitsWithSmallCache(facts, question) ? ', or kvCache: fp8' : '';
    return `Set context: ${context} or less${cache}, or use more nodes.`;
  }
  return question.parallelism.expert
    ? 'Spread the weights over more devices: more nodes.'
    : 'Spread the weights over more devices: more nodes, or expert: true.';
}

/** The longest context below the one asked for with which the layout fits, a multiple of 1024. */
function longestContext(facts: GroupFacts, question: LayoutQuestion): number | undefined {
  return largestContext(fitRequestOf(facts, question), (request) => facts.engine.fit(request));
}

/** Whether the layout fits with the smaller cache type, where the engine has it on this device. */
function fitsWithSmallCache(facts: GroupFacts, question: LayoutQuestion): boolean {
  const group = { ...facts.group, kvCache: 'fp8' as const };
  const has = facts.engine.kvCaches(facts.accelerator).includes('fp8');
  if (!has || facts.group.kvCache === 'fp8') return false;
  return rankMemory({ ...facts, group }, { ...question, group }).fits;
}
