import { countSequences, expectedLogLines, type RankMemory } from '../../capacity/index.ts';
import {
  fitRequestOf,
  type GroupFacts,
  type GroupLayout,
  groupFacts,
  type Layout,
  type LayoutCatalog,
  questionFor,
} from '../../layout/index.ts';
import type { Parallelism } from '../../spec/index.ts';
import { explainBinding } from './binding.ts';
import type { Fit, FitGroup, GroupFit, SequenceCounts } from './fit-result.ts';
import { checkHost } from './host-checks.ts';

/** Proves for each group of a layout whether it fits, with every number an engine will print. */
export function fitDeployment(layout: Layout, catalog: LayoutCatalog): Fit {
  const groups = layout.groups.map((group) =>
    fitGroup(group, groupFacts(layout.spec, group.spec, catalog)),
  );
  const fit = { spec: layout.spec, fits: groups.every(({ fits }) => fits), groups };
  return catalog.profile === undefined ? fit : { ...fit, profile: catalog.profile.name };
}

function fitGroup(group: GroupLayout, facts: GroupFacts): FitGroup {
  if (group.kind === 'placed') return { ...group, ...numbersOf(facts, group.parallelism, true) };
  const asked = group.spec.parallelism;
  if (asked === 'auto' || !isComputable(facts, asked)) {
    return { ...group, fits: false, host: checkHost(facts, facts.pool.devicesPerNode) };
  }
  // A group that replays a log is not meant to run: its memory alone counts.
  return { ...group, ...numbersOf(facts, asked, group.spec.memory?.replay !== undefined) };
}

/** Arithmetic needs whole ranks and heads; whether an engine accepts the layout is another question. */
function isComputable({ group, model }: GroupFacts, layout: Parallelism): boolean {
  const { attentionHeads, layers } = model.architecture;
  const devices = (layout.tensor * layout.data * layout.pipeline) / group.nodes;
  return (
    Number.isInteger(devices) && attentionHeads % layout.tensor === 0 && layout.pipeline <= layers
  );
}

function numbersOf(
  facts: GroupFacts,
  parallelism: Parallelism,
  mayRun: boolean,
): GroupFit & { readonly memory: RankMemory } {
  const question = questionFor(facts, parallelism);
  const request = fitRequestOf(facts, question);
  const memory = facts.engine.fit(request);
  const binding = explainBinding(memory, { facts, parallelism, request });
  return {
    fits: memory.fits && mayRun,
    memoryFits: memory.fits,
    memory,
    parallel: parallelism,
    weightsBytesPerRank: memory.weightsBytesPerRank,
    kvBytesPerToken: memory.kvBytesPerToken,
    kvBytesPerRank: memory.kvBytesPerRank,
    kvTokensPerRank: memory.kvTokensPerRank,
    kvTokensTotal: memory.kvTokensPerGroup,
    sequences: sequencesOf(memory),
    ...(binding === undefined ? {} : { binding }),
    expectedLogLines: expectedLogLines(facts.release.engine, memory, request),
    host: checkHost(facts, question.devicesPerPod),
  };
}

function sequencesOf(memory: RankMemory): SequenceCounts {
  return {
    '8K': countSequences(memory, 8192),
    '32K': countSequences(memory, 32_768),
    '128K': countSequences(memory, 131_072),
  };
}
