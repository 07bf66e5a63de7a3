import type { Manifest } from '../../manifest/index.ts';
import { formatNouns, formatSeconds } from '../../units/index.ts';
import type { Disruption, FieldChange, Surge } from '../plan.ts';
import {
  formatGroups,
  type GroupShape,
  range,
  readGroupShape,
  stopSentence,
} from './group-shape.ts';

export interface DisruptionOptions {
  /** Seconds one group needs to load its weights and warm up. */
  readonly loadSeconds?: number;
}

/** An update as the server would carry it out. */
export interface UpdatedObject {
  readonly live: Manifest;
  /** The live object after the update. */
  readonly result: Manifest;
  readonly fields: readonly FieldChange[];
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

/** Most differences named in a message. */
const namedDifferences = 4;

const undisturbed = { losesPrefixCache: false, coexists: false, differences: [] } as const;

/** Tells what an update of a LeaderWorkerSet does to its groups; other kinds disturb nothing. */
export function describeDisruption(
  { live, result, fields }: UpdatedObject,
  { loadSeconds }: DisruptionOptions = {},
): Disruption | undefined {
  if (result.kind !== 'LeaderWorkerSet') return undefined;
  const update: Update = {
    before: readGroupShape(live),
    after: readGroupShape(result),
    changed: fields.filter(({ path }) => restartingPaths.test(path) && !budgetPaths.test(path)),
    loadSeconds,
  };
  const restarting = restartingGroups(update);
  if (update.changed.length > 0 && restarting.length > 0)
    return describeRestart(update, restarting);
  if (update.after.replicas !== update.before.replicas) return describeScale(update);
  return {
    effect: 'none',
    mode: 'in-place',
    message: 'No pod restarts.',
    groups: [],
    pods: 0,
    ...undisturbed,
  };
}

/** Tells what deleting a LeaderWorkerSet does; other kinds disturb nothing. */
export function describeRemoval(
  live: Manifest,
  { successors }: { readonly successors: readonly string[] },
): Disruption | undefined {
  if (live.kind !== 'LeaderWorkerSet') return undefined;
  const { replicas, podsPerGroup, graceSeconds } = readGroupShape(live);
  const groups = range(0, replicas);
  if (groups.length === 0) return undefined;
  const pods = groups.length * podsPerGroup;
  const sentences = [
    `Stops ${formatGroups(groups)} (${formatNouns(pods, 'pod')}) at once.`,
    successors.length === 0
      ? 'Nothing takes their place.'
      : `${successors.join(' and ')} takes their place, and on the same nodes it starts only when they are gone.`,
    stopSentence(graceSeconds),
  ];
  return {
    effect: 'stops-groups',
    mode: 'replace',
    message: sentences.join(' '),
    groups,
    pods,
    drainSeconds: graceSeconds,
    losesPrefixCache: true,
    coexists: false,
    differences: [],
  };
}

interface Update {
  readonly before: GroupShape;
  readonly after: GroupShape;
  /** Changed fields that restart groups. */
  readonly changed: readonly FieldChange[];
  readonly loadSeconds: number | undefined;
}

/** Groups that run now, go on running, and are not held back by the partition. */
function restartingGroups({ before, after }: Update): number[] {
  return range(after.partition, Math.min(after.replicas, before.replicas));
}

function describeRestart(update: Update, restarting: readonly number[]): Disruption {
  const { before, after, loadSeconds } = update;
  const pods = restarting.length * after.podsPerGroup;
  const surge = surgeOf(after);
  const serves = after.maxUnavailable < before.replicas || restarting.length < before.replicas;
  const differences = differencesOf(update.changed);
  const durationSeconds =
    loadSeconds === undefined ? undefined : countLoads(after, restarting.length) * loadSeconds;
  const sentences = [
    `Restarts ${formatGroups(restarting)} (${formatNouns(pods, 'pod')}), ${formatNouns(batchOf(after), 'group')} at a time.`,
    loadSeconds === undefined
      ? 'Every one of them loads its weights again.'
      : `Every one loads its weights again: about ${formatSeconds(loadSeconds)} each, ${formatSeconds(durationSeconds ?? 0)} in all.`,
    stopSentence(before.graceSeconds),
    ...(surge === undefined ? [] : [surgeSentence(surge, after.podsPerGroup)]),
    serves ? coexistenceSentence(differences) : 'No group serves meanwhile.',
    ...(after.replicas === before.replicas ? [] : [scaleSentence(update)]),
  ];
  return {
    effect: 'restarts-groups',
    mode: serves ? 'rolling' : 'recreate',
    message: sentences.join(' '),
    groups: restarting,
    pods,
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    drainSeconds: before.graceSeconds,
    losesPrefixCache: true,
    coexists: serves,
    differences,
    ...(surge === undefined ? {} : { surge }),
  };
}

function batchOf({ maxUnavailable, maxSurge }: GroupShape): number {
  return Math.max(1, maxUnavailable + maxSurge);
}

/** Loads one after another: the surge groups' own, where nothing may stop before they serve, then batches. */
function countLoads(shape: GroupShape, restarting: number): number {
  const ahead = shape.maxSurge > 0 && shape.maxUnavailable === 0 ? 1 : 0;
  return ahead + Math.ceil(restarting / batchOf(shape));
}

function surgeOf({
  maxSurge,
  maxUnavailable,
  podsPerGroup,
  devices,
}: GroupShape): Surge | undefined {
  if (maxSurge === 0) return undefined;
  return {
    groups: maxSurge,
    pods: maxSurge * podsPerGroup,
    devices: Object.fromEntries(
      Object.entries(devices).map(([name, amount]) => [name, amount * maxSurge]),
    ),
    mustFit: maxUnavailable === 0,
  };
}

function surgeSentence({ groups, pods, devices }: Surge, podsPerGroup: number): string {
  const amounts = Object.entries(devices).map(([name, amount]) => `${String(amount)} ${name}`);
  const resources = amounts.length === 0 ? '' : ` with ${amounts.join(' and ')}`;
  const nodes = formatNouns(groups * podsPerGroup, 'spare node');
  return `${formatNouns(groups, 'group')} (${formatNouns(pods, 'pod')}) ${groups === 1 ? 'is' : 'are'} added for the time being, which takes ${nodes}${resources}.`;
}

/** Groups answer side by side; within a group all pods restart together, so ranks never mix. */
function coexistenceSentence(differences: readonly string[]): string {
  const named = differences.slice(0, namedDifferences);
  const more = differences.length - named.length;
  const list = [...named, ...(more > 0 ? [`${String(more)} more`] : [])].join(', ');
  return `Old and new groups answer side by side meanwhile and differ in ${list}; the ranks of one group never mix.`;
}

/** Flags and fields by a short name, each once, in the order of the object. */
function differencesOf(fields: readonly FieldChange[]): string[] {
  const names = fields.map(({ path, flag }) => flag ?? shortPath(path));
  return [...new Set(names)];
}

/** `image` instead of `spec.leaderWorkerTemplate.leaderTemplate.spec.containers[name=engine].image`. */
function shortPath(path: string): string {
  const templates = /^spec\.leaderWorkerTemplate\.((leader|worker)Template\.)?/;
  const container = /^spec\.containers\[name=[^\]]*\]\./;
  return path.replace(templates, '').replace(container, '');
}

function describeScale(update: Update): Disruption {
  const { before, after, loadSeconds } = update;
  const { replicas, podsPerGroup } = after;
  const groups = range(Math.min(replicas, before.replicas), Math.max(replicas, before.replicas));
  const grows = replicas > before.replicas;
  const loading =
    grows && loadSeconds !== undefined
      ? [`They serve after about ${formatSeconds(loadSeconds)}.`]
      : [];
  return {
    effect: 'scales-groups',
    mode: 'scale',
    message: [
      scaleSentence(update),
      ...loading,
      ...(grows ? [] : [stopSentence(before.graceSeconds)]),
    ].join(' '),
    groups,
    pods: groups.length * podsPerGroup,
    ...(grows && loadSeconds !== undefined ? { durationSeconds: loadSeconds } : {}),
    ...(grows ? {} : { drainSeconds: before.graceSeconds }),
    ...undisturbed,
    losesPrefixCache: !grows,
  };
}

function scaleSentence({ before, after: { replicas, podsPerGroup } }: Update): string {
  const groups = range(Math.min(replicas, before.replicas), Math.max(replicas, before.replicas));
  const pods = formatNouns(groups.length * podsPerGroup, 'pod');
  return replicas > before.replicas
    ? `Starts ${formatGroups(groups)} (${pods}); running groups go on.`
    : `Stops ${formatGroups(groups)} (${pods}); the others go on.`;
}
