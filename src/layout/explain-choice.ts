import {
  type OperatingPoint,
  type SearchResult,
  slowestThroughputTpotMs,
} from '../capacity/index.ts';
import type { Note } from '../engines/index.ts';
import type { Objective } from '../spec/index.ts';
import { formatCount, formatNouns } from '../units/index.ts';
import { formatParallelism } from './format-parallelism.ts';
import type { GroupFacts } from './group-facts.ts';
import { ownSpace, questionOfGroup, type SearchSpace, searchGroup } from './search-group.ts';

/** Says why a searched layout was taken; a limit that no layout keeps is a warning. */
export function explainSearch(
  result: Exclude<SearchResult, { kind: 'none-fits' }>,
  objective: Objective,
): Note {
  const point = result.kind === 'found' ? result.chosen : result.best;
  const { counts } = result;
  const of = `of ${formatNouns(counts.fitting, 'layout')} that ${counts.fitting === 1 ? 'fits' : 'fit'} (${formatCount(counts.legal)} legal)`;
  if (result.kind === 'limits-unreachable') {
    return {
      code: 'LAYOUT_LIMITS_UNREACHABLE',
      level: 'warning',
      message:
        `no layout keeps the limits of the objective; ${describe(point)} misses them least ${of}, ` +
        `by a factor of ${result.missedByFactor.toFixed(2)}`,
    };
  }
  return {
    code: 'LAYOUT_CHOSEN',
    level: 'info',
    message: `${describe(point)} ${merit(objective)} ${of}: ${describePoint(point)}`,
  };
}

/** Says that published runs decided, and not the estimate. */
export function explainPreferred(
  facts: GroupFacts,
  layout: Parameters<typeof formatParallelism>[0],
): Note {
  const { release, accelerator } = facts;
  return {
    code: 'LAYOUT_CHOSEN',
    level: 'info',
    message:
      `${formatParallelism(layout)} is what published runs of ${release.engine} on ${accelerator.name} use; ` +
      'set objective to let the estimate choose instead',
  };
}

function merit(objective: Objective): string {
  if (objective === 'throughput') {
    return `gives most output tokens per second at up to ${slowestThroughputTpotMs} ms a token, the limit unless objective sets tpotMs,`;
  }
  if (objective === 'latency') return 'has the least time between tokens';
  return 'keeps the limits on the fewest nodes, and gives most tokens there,';
}

function describe({ candidate }: OperatingPoint): string {
  return formatParallelism(candidate.layout);
}

/** Rate and times of an operating point in one phrase. */
function describePoint(point: OperatingPoint): string {
  const { estimate, concurrency, outputTokensPerSecond } = point;
  const { tpotMs, ttftMs } = estimate;
  const range = `${tpotMs.low.toFixed(0)} to ${tpotMs.high.toFixed(0)}`;
  // Beyond the calibrated load the model gives best cases only.
  const [most, least] = tpotMs.bound === undefined ? ['about ', ''] : ['at most ', 'at least '];
  return (
    `${most}${formatCount(outputTokensPerSecond)} tokens/s with ${formatCount(concurrency)} requests in flight, ` +
    `TPOT ${least}${tpotMs.p50.toFixed(1)} ms (${range}, ${tpotMs.label}), TTFT ${least}${formatCount(ttftMs.p50)} ms`
  );
}

interface Change {
  readonly what: string;
  readonly facts: GroupFacts;
  readonly space: SearchSpace;
}

/**
 * What twice the nodes, an FP8 cache or a draft token would change of what the objective is about;
 * changes the group has already, or that nothing fits, are left out.
 */
export function explainChanges(facts: GroupFacts, point: OperatingPoint): Note[] {
  const effects = changesOf(facts).flatMap(({ what, facts: changed, space }) => {
    const found = searchGroup(changed, space, questionOfGroup(changed.group));
    if (found.kind === 'none-fits') return [];
    const best = found.kind === 'found' ? found.chosen : found.best;
    return [`${what}: ${effect(facts.group.objective ?? 'throughput', point, best)}`];
  });
  if (effects.length === 0) return [];
  const message = `by the same estimate, ${effects.join('; ')}`;
  return [{ code: 'LAYOUT_ALTERNATIVES', level: 'info', message }];
}

function changesOf(facts: GroupFacts): Change[] {
  const { group, model } = facts;
  const space = ownSpace(group);
  const more = { ...group, nodes: group.nodes * 2 };
  return [
    {
      what: `${more.nodes} nodes a copy`,
      facts: { ...facts, group: more },
      space: ownSpace(more),
    },
    ...(group.kvCache === 'fp8'
      ? []
      : [{ what: 'kvCache: fp8', facts, space: { ...space, kvCaches: ['fp8'] as const } }]),
    ...(group.mtpTokens > 0 || model.architecture.mtpLayers === 0
      ? []
      : [{ what: 'mtpTokens: 1', facts, space: { ...space, mtpTokens: [1] } }]),
  ];
}

function effect(objective: Objective, before: OperatingPoint, after: OperatingPoint): string {
  const layout = formatParallelism(after.candidate.layout);
  if (objective === 'throughput') {
    const factor = after.outputTokensPerSecond / before.outputTokensPerSecond;
    return `x ${factor.toFixed(2)} tokens/s with ${layout}`;
  }
  return `TPOT ${after.estimate.tpotMs.p50.toFixed(1)} ms with ${layout}`;
}
