import type { Reason } from '../engines/index.ts';
import type { GroupSpec, Parallelism } from '../spec/index.ts';
import { distance, enumerateParallelism } from './candidates.ts';
import { checkParallelism } from './check-parallelism.ts';
import { formatParallelism } from './format-parallelism.ts';
import type { GroupFacts } from './group-facts.ts';

/** Adds to each reason's hint the layout nearest to the one asked for, or how many nodes it takes. */
export function adviseNearest(facts: GroupFacts, reasons: readonly Reason[]): Reason[] {
  const advice = nearestAdvice(facts);
  return reasons.map((reason) => ({ ...reason, hint: `${reason.hint} ${advice}` }));
}

function nearestAdvice(facts: GroupFacts): string {
  const same = nearestLayout(facts);
  if (same !== undefined) return `The nearest layout that works is ${formatParallelism(same)}.`;
  for (const { settings, facts: relaxed } of relaxations(facts)) {
    const layout = nearestLayout(relaxed);
    if (layout !== undefined) {
      return `With ${settings} the nearest layout that works is ${formatParallelism(layout)}.`;
    }
  }
  const enough = nearestNodes(facts);
  if (enough === undefined) return 'No layout of this model fits these nodes, nor more of them.';
  const { nodes, layout } = enough;
  return `No layout of this model fits these nodes; on ${nodes} of them ${formatParallelism(layout)} does.`;
}

/** The legal layout that fits and is nearest to what was asked; for `auto` the first. */
function nearestLayout(facts: GroupFacts): Parallelism | undefined {
  // A setting that one node can have may be none for several: an all-to-all backend without RDMA.
  if (facts.engine.checkExtras({ ...facts, startupBudgetSeconds: 0 }).length > 0) return undefined;
  const { parallelism: asked } = facts.group;
  const candidates = candidatesOf(facts);
  const ordered =
    asked === 'auto'
      ? candidates
      : candidates.toSorted((a, b) => distance(a, asked) - distance(b, asked));
  return ordered.find((candidate) => checkParallelism(facts, candidate).reasons.length === 0);
}

/** Layouts with evidence first, then every split; pipelines last, as nobody publishes runs of them. */
function candidatesOf(facts: GroupFacts): Parallelism[] {
  const { group, pool, engine } = facts;
  const all = enumerateParallelism(group.nodes * pool.devicesPerNode);
  return [
    ...engine.preferredLayouts({ ...facts, podsPerGroup: group.nodes }),
    ...all.toSorted((a, b) => a.pipeline - b.pipeline),
  ];
}

/** Settings beside the layout that may be what stands in the way of every layout. */
const usual = [
  { setting: 'mtpTokens', value: 0 },
  { setting: 'redundantExperts', value: 0 },
  { setting: 'loadBalancing', value: 'internal' },
  { setting: 'allToAll', value: 'auto' },
] as const satisfies readonly { setting: keyof GroupSpec; value: unknown }[];

interface Relaxation {
  readonly settings: string;
  readonly facts: GroupFacts;
}

/** The group with one of its settings as it usually is, then with all of them. */
function relaxations(facts: GroupFacts): Relaxation[] {
  const { group, model } = facts;
  const { maxContextTokens } = model.architecture;
  const changes: { readonly text: string; readonly change: Partial<GroupSpec> }[] = [
    ...(group.contextTokens > maxContextTokens
      ? [{ text: `context: ${maxContextTokens}`, change: { contextTokens: maxContextTokens } }]
      : []),
    ...usual
      .filter(({ setting, value }) => group[setting] !== value)
      .map(({ setting, value }) => ({
        text: `${setting}: ${value}`,
        change: { [setting]: value },
      })),
  ];
  const relaxed = (some: typeof changes): Relaxation => ({
    settings: some.map(({ text }) => text).join(' and '),
    facts: {
      ...facts,
      group: Object.assign({}, group, ...some.map(({ change }) => change)) as GroupSpec,
    },
  });
  return [
    ...changes.map((change) => relaxed([change])),
    ...(changes.length > 1 ? [relaxed(changes)] : []),
  ];
}

/** Numbers of nodes a hint tries: what people have, in doublings. */
const nodeCounts = [1, 2, 4, 8, 16] as const;

function nearestNodes(facts: GroupFacts) {
  const asked = facts.group.nodes;
  const nearest = nodeCounts.toSorted((a, b) => Math.abs(a - asked) - Math.abs(b - asked));
  for (const nodes of nearest) {
    if (nodes === asked) continue;
    const layout = nearestLayout({
      ...facts,
      group: { ...facts.group, nodes, parallelism: 'auto' },
    });
    if (layout !== undefined) return { nodes, layout };
  }
  return undefined;
}
