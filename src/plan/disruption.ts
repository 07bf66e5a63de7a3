import type { Manifest } from '../manifest/index.ts';
import { formatSeconds } from '../units/index.ts';
import type { Disruption, FieldChange } from './plan.ts';

export interface DisruptionOptions {
  /** Seconds one group needs to load its weights and warm up. */
  readonly loadSeconds?: number;
}

/**
 * Fields that are part of the revision the LeaderWorkerSet controller compares, or end in the pod
 * template of the leaders.
 *
 * @source kubernetes-sigs/lws v0.9.0 `getPatch()` in `pkg/utils/revision/revision_utils.go` and
 * `constructLeaderStatefulSetApplyConfiguration()` in `pkg/controllers/leaderworkerset_controller.go`
 */
const restartingPaths =
  /^(spec\.leaderWorkerTemplate|spec\.networkConfig|metadata\.annotations\["leaderworkerset\.sigs\.k8s\.io\/(subgroup-)?exclusive-topology"\])/;

/** Budgets of recovery, which the controller leaves out of the revision since v0.10.0. */
const budgetPaths = /^spec\.leaderWorkerTemplate\.(maxGroupRestarts|restartBackoff)/;

/** Tells what an update of a LeaderWorkerSet does to its groups; other kinds disturb nothing. */
export function describeDisruption(
  result: Manifest,
  fields: readonly FieldChange[],
  { loadSeconds }: DisruptionOptions = {},
): Disruption | undefined {
  if (result.kind !== 'LeaderWorkerSet') return undefined;
  const shape = readShape(result, fields);
  const restarts = fields.some(({ path }) => restartingPaths.test(path) && !budgetPaths.test(path));
  if (restarts && shape.restarting.length > 0) return describeRestart(shape, loadSeconds);
  if (shape.replicas !== shape.replicasBefore) return describeScale(shape, loadSeconds);
  return { effect: 'none', message: 'No pod restarts.', groups: [], pods: 0 };
}

interface Shape {
  readonly replicasBefore: number;
  readonly replicas: number;
  readonly podsPerGroup: number;
  /** Groups that run now, go on running, and are not held back by the partition. */
  readonly restarting: readonly number[];
  readonly maxUnavailable: number;
  readonly maxSurge: number;
}

function readShape(result: Manifest, fields: readonly FieldChange[]): Shape {
  const spec = mapAt(result['spec']);
  const rollout = mapAt(mapAt(spec['rolloutStrategy'])['rollingUpdateConfiguration']);
  const replicas = numberOr(spec['replicas'], 1);
  const scaled = fields.find(({ path }) => path === 'spec.replicas');
  const replicasBefore = scaled === undefined ? replicas : numberOr(scaled.before, 1);
  const partition = numberOr(rollout['partition'], 0);
  return {
    replicasBefore,
    replicas,
    podsPerGroup: numberOr(mapAt(spec['leaderWorkerTemplate'])['size'], 1),
    restarting: range(partition, Math.min(replicas, replicasBefore)),
    maxUnavailable: countOf(rollout['maxUnavailable'] ?? 1, replicas, Math.floor),
    maxSurge: Math.min(countOf(rollout['maxSurge'] ?? 0, replicas, Math.ceil), replicas),
  };
}

function describeRestart(shape: Shape, loadSeconds: number | undefined): Disruption {
  const { restarting, podsPerGroup, maxUnavailable, maxSurge, replicas, replicasBefore } = shape;
  const batch = Math.max(1, maxUnavailable + maxSurge);
  const pods = restarting.length * podsPerGroup;
  const durationSeconds =
    loadSeconds === undefined ? undefined : Math.ceil(restarting.length / batch) * loadSeconds;
  const sentences = [
    `Restarts ${formatGroups(restarting)} (${count(pods, 'pod')}), ${count(batch, 'group')} at a time.`,
    loadSeconds === undefined
      ? 'Every one of them loads its weights again.'
      : `Every one loads its weights again: about ${formatSeconds(loadSeconds)} each, ${formatSeconds(durationSeconds ?? 0)} in all.`,
    ...(maxSurge === 0 && maxUnavailable >= replicas ? ['No group serves meanwhile.'] : []),
    ...(maxSurge > 0 ? [`The surge needs ${count(maxSurge * podsPerGroup, 'spare node')}.`] : []),
    ...(replicas === replicasBefore ? [] : [scaleSentence(shape)]),
  ];
  return {
    effect: 'restarts-groups',
    message: sentences.join(' '),
    groups: restarting,
    pods,
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  };
}

function describeScale(shape: Shape, loadSeconds: number | undefined): Disruption {
  const { replicas, replicasBefore, podsPerGroup } = shape;
  const groups = range(Math.min(replicas, replicasBefore), Math.max(replicas, replicasBefore));
  const grows = replicas > replicasBefore;
  const loading =
    grows && loadSeconds !== undefined
      ? [`They serve after about ${formatSeconds(loadSeconds)}.`]
      : [];
  return {
    effect: 'scales-groups',
    message: [scaleSentence(shape), ...loading].join(' '),
    groups,
    pods: groups.length * podsPerGroup,
    ...(grows && loadSeconds !== undefined ? { durationSeconds: loadSeconds } : {}),
  };
}

function scaleSentence({ replicas, replicasBefore, podsPerGroup }: Shape): string {
  const groups = range(Math.min(replicas, replicasBefore), Math.max(replicas, replicasBefore));
  const pods = count(groups.length * podsPerGroup, 'pod');
  return replicas > replicasBefore
    ? `Starts ${formatGroups(groups)} (${pods}); running groups go on.`
    : `Stops ${formatGroups(groups)} (${pods}); the others go on.`;
}

function formatGroups(groups: readonly number[]): string {
  const [first] = groups;
  return groups.length === 1
    ? `group ${String(first)}`
    : `groups ${String(first)} to ${String(groups.at(-1))}`;
}

function count(amount: number, noun: string): string {
  return `${String(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Whole numbers from `start` up to `end`, `end` left out. */
function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, offset) => start + offset);
}

/** An absolute number or a percentage of `total`. */
function countOf(value: unknown, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(String(value))?.[1];
  return percent === undefined ? 0 : round((Number(percent) * total) / 100);
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function mapAt(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
