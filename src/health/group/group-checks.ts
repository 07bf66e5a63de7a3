import type { PlacedGroup } from '../../layout/index.ts';
import { formatRef, type ObjectRef } from '../../manifest/index.ts';
import { formatNouns } from '../../units/index.ts';
import { judgeNetworkPolicy } from '../network/judge-network.ts';
import { lastSeenMs } from '../pod/event.ts';
import type { PodStatus } from '../pod/pod-status.ts';
import { type RequiredCheck, serviceChecks } from '../probe.ts';
import type { Check, PodHealth } from '../report.ts';
import { expectedEndpoints, namePort } from '../serving-endpoint.ts';
import { expectedLeaders } from './expected-pod.ts';
import type { GroupFacts } from './group-facts.ts';
import {
  checkLeaderWorkerSet,
  heldPartition,
  type LeaderWorkerSetStatus,
  lastSpecChangeMs,
  parseLeaderWorkerSet,
} from './leader-worker-set.ts';
import { lwsLabel } from './lws-label.ts';

/**
 * Recreations of one group from which on it is a loop, however fast. Two are a loop only if they lie
 * apart: the controller sometimes makes a group anew twice at one loss.
 */
const recreationLoop = 3;

/** What one loss of a pod leads to is over by then, and no engine starts and fails in less. */
const sameLossMs = 10_000;

interface GroupView {
  readonly group: PlacedGroup;
  readonly ref: ObjectRef;
  readonly facts: GroupFacts;
  readonly pods: readonly PodHealth[];
  readonly statuses: ReadonlyMap<string, PodStatus>;
}

/** Checks of the objects and processes of a group, without asking the engine. */
export function checkGroupObjects(view: GroupView): readonly Check[] {
  const { ref, facts } = view;
  return [
    checkLeaderWorkerSet(ref, facts.leaderWorkerSet, facts.scaling),
    ...checkShape(view),
    checkPresence(view),
    checkNetwork(view),
    checkRevisions(view),
    checkRecreations(view),
  ];
}

/** The LeaderWorkerSet the cluster has, when it could be read and understood. */
export function readStatus({ leaderWorkerSet }: GroupFacts): LeaderWorkerSetStatus | undefined {
  if (leaderWorkerSet.kind === 'unreadable' || leaderWorkerSet.value === undefined)
    return undefined;
  return parseLeaderWorkerSet(leaderWorkerSet.value);
}

/** Whether the cluster runs the shape of the layout; ranks mean nothing if it does not. */
function checkShape({ group, ref, facts }: GroupView): readonly Check[] {
  const live = readStatus(facts)?.spec;
  if (live === undefined) return [];
  const size = live.leaderWorkerTemplate.size;
  const wanted = `${group.spec.replicas} x ${formatNouns(group.podsPerGroup, 'pod')}`;
  const has = `${live.replicas} x ${formatNouns(size, 'pod')}`;
  const passed = size === group.podsPerGroup && live.replicas >= group.spec.replicas;
  const base = { id: 'lws-shape', level: 'objects', subject: formatRef(ref) } as const;
  if (passed) return [{ ...base, outcome: 'passed', detail: `${has}${wishOf(facts, size)}` }];
  return [
    {
      ...base,
      outcome: 'failed',
      detail: `the spec wants ${wanted}, the cluster has ${has}`,
      impact: 'The API has another capacity than planned, or does not start.',
      advice: 'Run `dsdeploy plan` to see the difference.',
    },
  ];
}

/** Why another number of copies than that of the spec is right. */
function wishOf({ scaling }: GroupFacts, size: number): string {
  if (scaling === undefined) return '';
  return `, as ${scaling.by} wants; ${scaling.specReplicas} x ${size} in the spec`;
}

function checkPresence({ group, ref, pods, facts }: GroupView): Check {
  const base = { id: 'pods-present', level: 'objects', subject: formatRef(ref) } as const;
  if (facts.pods.kind === 'unreadable') {
    const advice = `Check \`kubectl auth can-i list pods -n ${ref.namespace ?? 'default'}\`.`;
    return { ...base, outcome: 'unknown', detail: facts.pods.reason, advice };
  }
  const expected = group.spec.replicas * group.podsPerGroup;
  if (expected === 0) {
    const advice =
      facts.scaling === undefined
        ? 'Set groups[].replicas to at least 1 and run `dsdeploy apply`.'
        : `Raise the fewest replicas of ${facts.scaling.by}, or \`kubectl scale lws ${ref.name} -n ${ref.namespace ?? 'default'} --replicas=1\`.`;
    return { ...base, outcome: 'unknown', detail: 'no pod is wanted: nothing serves', advice };
  }
  const missing = pods.filter(({ reason }) => reason === 'missing' || reason === 'create-failed');
  if (missing.length === 0) return { ...base, outcome: 'passed', detail: `${expected} pods exist` };
  const named = missing.map(
    ({ name, groupIndex, workerIndex, ranks }) =>
      `${name} (pod ${workerIndex} of group ${groupIndex}, ranks ${ranks})`,
  );
  const lost = missing.some(({ verdict }) => verdict === 'unhealthy');
  return {
    ...base,
    outcome: lost ? 'failed' : 'pending',
    ...(lost ? { impact: 'A copy of the group that lacks a pod answers nothing.' } : {}),
    detail: `${missing.length} of ${expected} pods absent: ${named.join(', ')}`,
  };
}

function checkNetwork({ group, ref, facts }: GroupView): Check {
  return judgeNetworkPolicy(group, {
    namespace: ref.namespace ?? 'default',
    policies: facts.networkPolicies,
    pods: facts.pods.kind === 'read' ? facts.pods.value : [],
  });
}

/** Two revisions in one group are two command lines that try to find each other. */
function checkRevisions({ ref, statuses, facts }: GroupView): Check {
  const base = { id: 'revision', level: 'processes', subject: formatRef(ref) } as const;
  const byRevision = new Map<string, string[]>();
  for (const [name, { metadata }] of statuses) {
    const revision = metadata.labels[lwsLabel.revision] ?? 'none';
    byRevision.set(revision, [...(byRevision.get(revision) ?? []), name]);
  }
  if (byRevision.size === 0) return { ...base, outcome: 'pending', detail: 'no pod to compare' };
  if (byRevision.size === 1) {
    return {
      ...base,
      outcome: 'passed',
      detail: `all pods run revision ${[...byRevision.keys()].join('')}`,
    };
  }
  const list = [...byRevision].map(
    ([revision, names]) => `${revision}: ${names.toSorted().join(' ')}`,
  );
  const detail = `pods run ${byRevision.size} revisions (${list.toSorted().join('; ')})`;
  const rolling =
    checkLeaderWorkerSet(ref, facts.leaderWorkerSet).outcome === 'pending' ||
    [...statuses.values()].some(({ metadata }) => Boolean(metadata.deletionTimestamp));
  const partition = heldPartition(readStatus(facts));
  if (partition > 0) {
    return {
      ...base,
      outcome: 'failed',
      detail: `${detail}; the rollout is held at partition ${partition}`,
      impact: 'Answers come from two versions in turn.',
      advice: `Let the rollout go on: \`kubectl patch lws ${ref.name} -n ${ref.namespace ?? 'default'} --type merge -p '{"spec":{"rolloutStrategy":{"rollingUpdateConfiguration":{"partition":0}}}}'\`.`,
    };
  }
  if (rolling) return { ...base, outcome: 'pending', detail };
  const advice = `See what holds the rollout: \`kubectl describe lws ${ref.name} -n ${ref.namespace ?? 'default'}\`.`;
  const impact = 'Answers come from two versions, or the ranks do not find each other.';
  return { ...base, outcome: 'failed', detail, impact, advice };
}

/**
 * Finds groups that die again and again. With RecreateGroupOnPodRestart the controller deletes the
 * whole group at the first restart, so that no pod ever shows a crash loop of its own.
 */
function checkRecreations({ group, ref, facts, pods }: GroupView): Check {
  const base = { id: 'group-restarts', level: 'processes', subject: formatRef(ref) } as const;
  const counts = expectedLeaders(group).map(({ name, groupIndex }) => ({
    groupIndex,
    timesMs: findRecreations(facts, name),
    ready: pods.every((pod) => pod.groupIndex !== groupIndex || pod.verdict === 'healthy'),
  }));
  const recreated = counts.filter(({ timesMs }) => timesMs.length > 0);
  const list = recreated.map(({ groupIndex, timesMs }) => `group ${groupIndex} ${timesMs.length}x`);
  const looping = recreated.filter(({ timesMs, ready }) => isLoop(timesMs) && !ready);
  if (looping.length === 0) {
    const detail = list.length === 0 ? 'no group was recreated' : `recreated: ${list.join(', ')}`;
    return { ...base, outcome: 'passed', detail };
  }
  return {
    ...base,
    outcome: 'failed',
    detail: `recreated because a pod of the group ended: ${list.join(', ')}`,
    impact: 'The group answers nothing, or only between two ends.',
    advice: `Watch the next attempt: \`kubectl logs -f ${group.objectName}-${looping[0]?.groupIndex ?? 0} -n ${ref.namespace ?? 'default'}\`.`,
  };
}

function isLoop(timesMs: readonly number[]): boolean {
  const [first = 0] = timesMs;
  const last = timesMs.at(-1) ?? first;
  return timesMs.length >= recreationLoop || last - first >= sameLossMs;
}

/**
 * Finds when a leader was made again under the present spec, by whoever saw more of it: the events
 * are there for who comes later, but may not be read, and the watch misses what was before.
 */
function findRecreations(facts: GroupFacts, leader: string): readonly number[] {
  const watched = facts.recreations.get(leader) ?? [];
  const told = readRecreations(facts, leader);
  return told.length > watched.length ? told : watched;
}

/** A leader dies once, but its controller may say so several times until its cache shows it. */
function readRecreations(facts: GroupFacts, leader: string): readonly number[] {
  const status = readStatus(facts);
  if (status === undefined) return [];
  const sinceMs = lastSpecChangeMs(status);
  const endByLife = new Map<string, number>();
  for (const event of facts.events) {
    if (!event.reason.startsWith('RecreateGroup') || event.related?.name !== leader) continue;
    if (lastSeenMs(event) >= sinceMs) endByLife.set(event.related.uid ?? '', lastSeenMs(event));
  }
  return [...endByLife.values()].toSorted((a, b) => a - b);
}

/** Fills in for endpoints that were not asked, so that a missing answer is seen and never passes. */
export function checkEndpoints(
  view: Pick<GroupView, 'group' | 'ref' | 'facts' | 'pods'>,
  required: readonly RequiredCheck[],
): readonly Check[] {
  const { group, ref, facts, pods } = view;
  return expectedEndpoints(group).flatMap((endpoint) => {
    const { key, pod } = endpoint;
    const answers = facts.probes.get(key) ?? [];
    const ready = pods.some(({ name, verdict }) => name === pod.name && verdict === 'healthy');
    const subject = `Pod/${ref.namespace ?? 'default'}/${pod.name}`;
    const detail = namePort(endpoint, ready ? 'not asked yet' : 'waits for the pod to be ready');
    return required.map(({ id, level }) => {
      const answer = answers.find((check) => check.id === id);
      return answer ?? { id, level, subject, outcome: 'pending', detail };
    });
  });
}

/** Fills in for a Service that was not read. */
export function checkService({ ref, facts }: Pick<GroupView, 'ref' | 'facts'>): readonly Check[] {
  return serviceChecks.map((id) => {
    const check = facts.service.find((entry) => entry.id === id);
    const detail = 'waits for the pods to be ready';
    return check ?? { id, level: 'service', subject: formatRef(ref), outcome: 'pending', detail };
  });
}
