import { findImage } from '../catalog/index.ts';
import type { EngineRequest, Reason } from '../engines/index.ts';
import type { GroupSpec, Spec } from '../spec/index.ts';
import { devicesPerPod } from './check-parallelism.ts';
import { type Choice, chooseParallelism } from './choose-parallelism.ts';
import { builtInCatalog, type GroupFacts, groupFacts, type LayoutCatalog } from './group-facts.ts';
import { checkHardware } from './hardware-rules.ts';
import type { GroupLayout, Layout, PlacedGroup, RefusedGroup } from './layout.ts';
import { adviseNearest } from './nearest-layout.ts';
import { layoutNotes } from './notes.ts';
import { placePods } from './place-pods.ts';
import { checkPorts } from './port-rules.ts';
import { startupBudget } from './startup-budget.ts';

/**
 * Decides who runs what: parallel layout, memory per rank, start-up budget and each role's command.
 *
 * A group that cannot run is a value with reasons, not an error. Equal specs give equal layouts.
 *
 * @param catalog - where to look rows up; the catalog of dsdeploy when absent.
 */
export function planLayout(spec: Spec, catalog: LayoutCatalog = builtInCatalog): Layout {
  const groups = spec.groups.map((group) => planGroup(spec, groupFacts(spec, group, catalog)));
  return { spec, fits: groups.every(({ kind }) => kind === 'placed'), groups };
}

function planGroup(spec: Spec, facts: GroupFacts): GroupLayout {
  const { group } = facts;
  const startup = startupBudget(spec, facts);
  const fixed = [
    ...checkHardware(facts),
    ...facts.engine.checkExtras({ ...facts, startupBudgetSeconds: startup.budgetSeconds }),
  ];
  const choice = chooseParallelism(facts);
  if (choice.kind !== 'chosen' || fixed.length > 0) {
    return refuse(group, [...fixed, ...layoutReasons(facts, choice, fixed)], choice);
  }
  const placed = placeGroup(spec, facts, choice);
  const taken = checkPorts(placed.workloads);
  return taken.length === 0 ? placed : refuse(group, taken, choice);
}

function refuse(group: GroupSpec, reasons: readonly Reason[], { memory }: Choice): RefusedGroup {
  const refused = { kind: 'refused', name: group.name, spec: group, reasons } as const;
  return memory === undefined ? refused : { ...refused, memory };
}

/** Where hardware or arguments stand in the way, another layout would be no advice. */
function layoutReasons(facts: GroupFacts, choice: Choice, fixed: readonly Reason[]): Reason[] {
  if (choice.kind === 'chosen') return [];
  return fixed.length === 0 ? adviseNearest(facts, choice.reasons) : [...choice.reasons];
}

function placeGroup(
  spec: Spec,
  facts: GroupFacts,
  choice: Extract<Choice, { kind: 'chosen' }>,
): PlacedGroup {
  const { group, pool, engine, release, accelerator } = facts;
  const { parallelism, memory } = choice;
  const startup = startupBudget(spec, facts);
  const image = group.image ?? findImage(release, accelerator)?.reference ?? '';
  const request: EngineRequest = {
    ...facts,
    parallelism,
    podsPerGroup: group.nodes,
    devicesPerPod: devicesPerPod(parallelism, group.nodes),
    modelPath: modelPath(spec),
    startupBudgetSeconds: startup.budgetSeconds,
  };
  const access = engine.podAccess(request);
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
    pods: placePods(parallelism, group.nodes, engine.rankOrder),
    memory,
    startup,
    access,
    workloads: engine.buildWorkloads(request),
    notes: [
      ...choice.notes,
      ...engine.notes(request),
      ...layoutNotes(facts, { spec, parallelism, memory, image, startup, access }),
    ],
  };
}

/** `/models/<last part of the id>`, so that logs name the model. */
function modelPath(spec: Spec): string {
  return `/models/${spec.model.id.split('/').at(-1) ?? spec.model.id}`;
}
