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
  const surge = surgeOf(after) ?? growthOf(update);
  // Groups that go stop first; groups that come count as unavailable until they serve.
  const serves =
    after.maxUnavailable < after.replicas ||
    restarting.length < Math.min(before.replicas, after.replicas);
  const differences = differencesOf(update.changed);
  const port = update.changed.find(
    ({ flag, before: old }) => flag === '--port' && old !== undefined,
  );
  const durationSeconds =
    loadSeconds === undefined ? undefined : countLoads(update, restarting.length) * loadSeconds;
  const sentences = [
    `Restarts ${formatGroups(restarting)} (${formatNouns(pods, 'pod')}), ${formatNouns(batchOf(after), 'group')} at a time.`,
    loadSeconds === undefined
      ? 'Every one of them loads its weights again.'
      : `Every one loads its weights again: about ${formatSeconds(loadSeconds)} each, ${formatSeconds(durationSeconds ?? 0)} in all.`,
    stopSentence(before.graceSeconds),
    ...(surge === undefined || surge.stays === true
      ? []
      : [surgeSentence(surge, after.podsPerGroup)]),
    ...(port === undefined ? [] : [portSentence(port)]),
    serves ? coexistenceSentence(differences, port) : 'No group serves meanwhile.',
    ...(after.replicas === before.replicas ? [] : [firstSentence(update)]),
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
    coexists: serves && port === undefined,
    differences,
    ...(surge === undefined ? {} : { surge }),
  };
}

function batchOf({ maxUnavailable, maxSurge }: GroupShape): number {
  return Math.max(1, maxUnavailable + maxSurge);
}

/**
 * Loads one after another: that of surge groups, where nothing may stop before they serve, or of groups
 * that come, then batches.
 *
 * @source kubernetes-sigs/lws v0.9.0 `rollingUpdateParameters()` in
 * `pkg/controllers/leaderworkerset_controller.go`: from the last group down, as many as may be unavailable
 */
function countLoads({ before, after }: Update, restarting: number): number {
  const batch = batchOf(after);
  const grown = Math.max(0, after.replicas - before.replicas);
  if (grown > 0) return 1 + Math.ceil(Math.max(0, restarting - Math.max(0, batch - grown)) / batch);
  const ahead = after.maxSurge > 0 && after.maxUnavailable === 0 ? 1 : 0;
  return ahead + Math.ceil(restarting / batch);
}

function surgeOf(shape: GroupShape): Surge | undefined {
  const { maxSurge, maxUnavailable } = shape;
  if (maxSurge === 0) return undefined;
  return { ...roomFor(maxSurge, shape), mustFit: maxUnavailable === 0 };
}

/** Groups that are asked for in the same update: they count as unavailable, so the others wait for them. */
function growthOf({ before, after }: Update): Surge | undefined {
  const grown = after.replicas - before.replicas;
  if (grown < batchOf(after)) return undefined;
  return { stays: true, ...roomFor(grown, after), mustFit: true };
}

function roomFor(
  groups: number,
  { podsPerGroup, devices }: GroupShape,
): Pick<Surge, 'groups' | 'pods' | 'devices'> {
  return {
    groups,
    pods: groups * podsPerGroup,
    devices: Object.fromEntries(
      Object.entries(devices).map(([name, amount]) => [name, amount * groups]),
    ),
  };
}

function surgeSentence({ groups, pods, devices }: Surge, podsPerGroup: number): string {
  const amounts = Object.entries(devices).map(([name, amount]) => `${String(amount)} ${name}`);
  const resources = amounts.length === 0 ? '' : ` with ${amounts.join(' and ')}`;
  const nodes = formatNouns(groups * podsPerGroup, 'spare node');
  return `${formatNouns(groups, 'group')} (${formatNouns(pods, 'pod')}) ${groups === 1 ? 'is' : 'are'} added for the time being, which takes ${nodes}${resources}.`;
}

/** Service and NetworkPolicy are applied before the groups restart, and know one port only. */
function portSentence({ before, after }: FieldChange): string {
  return `The port changes from ${String(before)} to ${String(after)} for callers at once: ${String(before)} is refused from then on, and where NetworkPolicies are enforced a group is reached again only once it has restarted.`;
}

/** Groups answer side by side; within a group all pods restart together, so ranks never mix. */
function coexistenceSentence(differences: readonly string[], port?: FieldChange): string {
  const named = differences.slice(0, namedDifferences);
  const more = differences.length - named.length;
  const list = [...named, ...(more > 0 ? [`${String(more)} more`] : [])].join(', ');
  const together = port === undefined ? 'answer side by side' : 'run side by side';
  return `Old and new groups ${together} meanwhile and differ in ${list}; the ranks of one group never mix.`;
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
  const groups = scaledGroups(update);
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

/** Groups that scaling starts or stops. */
function scaledGroups({ before, after }: Update): number[] {
  const counts = [before.replicas, after.replicas];
  return range(Math.min(...counts), Math.max(...counts));
}

/** Those with their pods: `group 1 (2 pods)`. */
function nameScaled(update: Update): string {
  const groups = scaledGroups(update);
  return `${formatGroups(groups)} (${formatNouns(groups.length * update.after.podsPerGroup, 'pod')})`;
}

/** What scaling does where running groups restart as well. */
function firstSentence(update: Update): string {
  const { before, after } = update;
  const grown = after.replicas - before.replicas;
  const named = nameScaled(update);
  if (grown < 0) return `Stops ${named} at once.`;
  return grown >= batchOf(after)
    ? `Starts ${named} first: no running group stops before they serve.`
    : `Starts ${named} at once.`;
}

function scaleSentence(update: Update): string {
  const named = nameScaled(update);
  return update.after.replicas > update.before.replicas
    ? `Starts ${named}; running groups go on.`
    : `Stops ${named}; the others go on.`;
}
