import type { EngineRequest } from '../engines/index.ts';
import type { GroupSpec, Spec } from '../spec/index.ts';
import { devicesPerPod } from './check-parallelism.ts';
import { type Choice, chooseParallelism } from './choose-parallelism.ts';
import { type GroupFacts, groupFacts } from './group-facts.ts';
import type { GroupLayout, Layout, PlacedGroup } from './layout.ts';
import { layoutNotes } from './notes.ts';
import { placePods } from './place-pods.ts';
import { startupBudget } from './startup-budget.ts';

/**
 * Decides who runs what: parallel layout, memory per rank, start-up budget and each role's command.
 *
 * A group that cannot run is a value with reasons, not an error. Equal specs give equal layouts.
 */
export function planLayout(spec: Spec): Layout {
  const groups = spec.groups.map((group) => planGroup(spec, group));
  return { spec, fits: groups.every(({ kind }) => kind === 'placed'), groups };
}

function planGroup(spec: Spec, group: GroupSpec): GroupLayout {
  const facts = groupFacts(spec, group);
  const extras = facts.engine.checkExtras(facts);
  const choice = chooseParallelism(facts);
  if (choice.kind === 'chosen' && extras.length === 0) return placeGroup(spec, facts, choice);
  const reasons = choice.kind === 'refused' ? [...choice.reasons, ...extras] : extras;
  const refused = { kind: 'refused', name: group.name, spec: group, reasons } as const;
  return choice.memory === undefined ? refused : { ...refused, memory: choice.memory };
}

function placeGroup(
  spec: Spec,
  facts: GroupFacts,
  choice: Extract<Choice, { kind: 'chosen' }>,
): PlacedGroup {
  const { group, pool, engine, release } = facts;
  const { parallelism, memory } = choice;
  const startup = startupBudget(spec, facts);
  const image = group.image ?? release.image;
  const request: EngineRequest = {
    ...facts,
    api: spec.api,
    parallelism,
    podsPerGroup: group.nodes,
    devicesPerPod: devicesPerPod(parallelism, group.nodes),
    modelPath: modelPath(spec),
    startupBudgetSeconds: startup.budgetSeconds,
  };
  return {
    kind: 'placed',
    name: group.name,
    objectName: `${spec.name}-${group.name}`,
    spec: group,
    pool,
    image,
    modelPath: request.modelPath,
    parallelism,
    chosenBy: group.parallelism === 'auto' ? 'auto' : 'spec',
    podsPerGroup: request.podsPerGroup,
    devicesPerPod: request.devicesPerPod,
    pods: placePods(parallelism, group.nodes),
    memory,
    startup,
    workloads: engine.buildWorkloads(request),
    notes: [...engine.notes(request), ...layoutNotes(facts, { spec, parallelism, image, startup })],
  };
}

/** `/models/<last part of the id>`, so that logs name the model. */
function modelPath(spec: Spec): string {
  return `/models/${spec.model.id.split('/').at(-1) ?? spec.model.id}`;
}
