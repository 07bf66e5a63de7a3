import {
  estimateServing,
  nearestMeasurement,
  type Placement,
  timeProfile,
  type Workload,
} from '../../capacity/index.ts';
import {
  fitRequestOf,
  type GroupFacts,
  type GroupLayout,
  groupFacts,
  type Layout,
  type LayoutCatalog,
  type PlacedGroup,
  questionFor,
} from '../../layout/index.ts';
import { fitDeployment } from '../fit/index.ts';
import { checkWorkload, type WorkloadOptions } from './check-workload.ts';
import { costOf, hourlyPrice } from './cost.ts';
import type { HourlyPrice } from './cost-result.ts';
import type {
  EstimatedWorkload,
  EstimateGroup,
  EstimateResult,
  EstimateRow,
} from './estimate-result.ts';
import type { PriceList } from './price-list.ts';
import { currentPoint, type SearchOptions, searchDeployment } from './search.ts';

export interface EstimateOptions extends WorkloadOptions {
  readonly catalog: LayoutCatalog;
  /** Adds cost. */
  readonly prices?: PriceList;
  /** Adds a search over layouts. */
  readonly search?: SearchOptions;
}

/**
 * Estimates speed, and cost where there are prices, of every group. What does not fit has no latency.
 *
 * @throws DsdeployError when the requests or prices make no sense.
 */
export function estimateDeployment(layout: Layout, options: EstimateOptions): EstimateResult {
  checkWorkload(layout.spec, options);
  const { inputTokens, outputTokens, prefixHitRatio, catalog } = options;
  const groups = layout.groups.map((group) => {
    const facts = groupFacts(layout.spec, group.spec, catalog);
    return estimateGroup(group, facts, { layout, options });
  });
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'Estimate',
    ...(catalog.profile === undefined ? {} : { profile: catalog.profile.name }),
    workload: { inputTokens, outputTokens, prefixHitRatio },
    fits: groups.every(({ kind }) => kind === 'estimated'),
    groups,
  };
}

interface EstimateContext {
  readonly layout: Layout;
  readonly options: EstimateOptions;
}

function estimateGroup(
  group: GroupLayout,
  facts: GroupFacts,
  { layout, options }: EstimateContext,
): EstimateGroup {
  const workload = workloadOf(options);
  const header = {
    name: group.name,
    engine: group.spec.engine,
    release: group.spec.release,
    model: facts.model.id,
    device: facts.accelerator.id,
  };
  const search =
    options.search === undefined ? undefined : searchDeployment(facts, workload, options.search);
  if (group.kind === 'refused') {
    const one = { ...layout, groups: [group] };
    const binding = fitDeployment(one, options.catalog).groups[0]?.binding;
    return {
      ...header,
      kind: 'refused',
      reasons: group.reasons,
      ...(binding === undefined ? {} : { binding }),
      ...(search === undefined ? {} : { search }),
    };
  }
  const { podsPerGroup: nodes, devicesPerPod } = group;
  const price =
    options.prices &&
    hourlyPrice(options.prices, { nodes, devicesPerNode: facts.pool.devicesPerNode });
  const current =
    search === undefined ? undefined : currentPoint(facts, workload, group.parallelism);
  return {
    ...header,
    kind: 'estimated',
    parallelism: group.parallelism,
    chosenBy: group.chosenBy,
    nodes,
    devices: nodes * devicesPerPod,
    copies: group.spec.replicas,
    kvTokensTotal: group.memory.kvTokensPerGroup,
    choice: group.notes.filter(({ code }) => code.startsWith('LAYOUT_')),
    rows: estimateRows(group, facts, { options, price }),
    ...(price === undefined ? {} : { price }),
    ...(search === undefined ? {} : { search: { ...search, ...(current && { current }) } }),
  };
}

function workloadOf({
  inputTokens,
  outputTokens,
  prefixHitRatio,
}: EstimateOptions): EstimatedWorkload {
  return { inputTokens, outputTokens, prefixHitRatio };
}

interface RowContext {
  readonly options: EstimateOptions;
  readonly price: HourlyPrice | undefined;
}

function estimateRows(group: PlacedGroup, facts: GroupFacts, context: RowContext): EstimateRow[] {
  const { model, accelerator, group: spec } = facts;
  const { kvLayout } = fitRequestOf(facts, questionFor(facts, group.parallelism));
  const placement: Placement = { model, accelerator, layout: group.parallelism, kvLayout };
  const { concurrency } = context.options;
  return concurrency.flatMap((requests) => {
    const workload: Workload = {
      ...workloadOf(context.options),
      concurrency: requests,
      mtpTokens: spec.mtpTokens,
    };
    return estimateRow({ group, facts, placement, workload }, context);
  });
}

interface RowQuestion {
  readonly group: PlacedGroup;
  readonly facts: GroupFacts;
  readonly placement: Placement;
  readonly workload: Workload;
}

function estimateRow(
  { group, facts, placement, workload }: RowQuestion,
  { options, price }: RowContext,
): EstimateRow[] {
  const { profile, group: spec, accelerator } = facts;
  const estimate = estimateServing({
    engine: spec.engine,
    placement,
    workload,
    memory: group.memory,
    maxSequencesPerRank: facts.engine.maxSequences(questionFor(facts, group.parallelism)),
    ...(profile === undefined ? {} : { profile: timeProfile(profile) }),
  });
  if (estimate.kind !== 'estimated') return [];
  const { kind: _, prefillShare: _share, ...numbers } = estimate;
  const nearest = nearestMeasurement(spec.engine, placement, workload);
  const question = price && {
    price,
    workload: workloadOf(options),
    accelerator,
    devices: group.podsPerGroup * group.devicesPerPod,
    pue: options.prices?.pue,
  };
  return [
    {
      concurrency: workload.concurrency,
      ...numbers,
      ...(nearest === undefined ? {} : { nearestMeasured: nearest }),
      ...(question === undefined ? {} : { cost: costOf(estimate, question) }),
    },
  ];
}
