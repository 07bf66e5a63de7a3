import type { PlacedGroup } from '../../layout/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { advisePod } from '../advice.ts';
import type { Canary } from '../canary/canary.ts';
import { firstLine } from '../pod/event.ts';
import { judgePod } from '../pod/pod.ts';
import { type PodStatus, parsePodStatus } from '../pod/pod-status.ts';
import { requiredChecks } from '../probe.ts';
import type { GroupHealth, PodHealth } from '../report.ts';
import { unreadCheck } from '../unread.ts';
import { isCounted, verdictOfOutcome, worstVerdict } from '../verdict.ts';
import { type ExpectedPod, expectedPods, groupRef, ranksOf } from './expected-pod.ts';
import { checkEndpoints, checkGroupObjects, checkService, readStatus } from './group-checks.ts';
import type { GroupFacts } from './group-facts.ts';
import {
  isRollingOut,
  type LeaderWorkerSetStatus,
  lastSpecChangeMs,
  lastWriteMs,
} from './leader-worker-set.ts';
import { lwsLabel } from './lws-label.ts';

/** Seconds controllers may take to make a pod before its absence is a fault. */
const missingGraceSeconds = 60;

export interface JudgeOptions {
  readonly namespace: string;
  readonly canary: Canary;
}

/**
 * Judges one serving group: every pod of the layout, the LeaderWorkerSet and the answers of the
 * leaders. Healthy only if all of them were seen and each is good.
 */
export function judgeGroup(
  group: PlacedGroup,
  facts: GroupFacts,
  { namespace, canary }: JudgeOptions,
): GroupHealth {
  const ref = groupRef(group.objectName, namespace);
  const live = new Map<string, Manifest>();
  if (facts.pods.kind === 'read') {
    for (const pod of facts.pods.value) live.set(pod.metadata.name, pod);
  }
  const statuses = new Map<string, PodStatus>();
  for (const [name, pod] of live) {
    const status = parsePodStatus(pod);
    if (status !== undefined) statuses.set(name, status);
  }
  const expected = expectedPods(group);
  const known = new Set(expected.map(({ name }) => name));
  const seen: PodView = { group, namespace, facts, live, statuses };
  const extra = [...live.keys()].filter((name) => !known.has(name)).toSorted();
  const pods = [
    ...expected.map((slot) => judgeSlot(slot, seen)),
    ...extra.map((name) => judgeSlot(slotOfExtra(group, name, statuses.get(name)), seen)),
  ];
  const view = { group, ref, facts, pods, statuses };
  const checks = [
    ...checkGroupObjects(view),
    ...checkEndpoints(view, requiredChecks(canary)),
    ...checkService(view),
    ...(facts.unread ?? []).map((unread) => unreadCheck(ref, unread)),
  ];
  const verdicts = [
    ...pods.map(({ verdict }) => verdict),
    ...checks.filter(isCounted).map(({ outcome }) => verdictOfOutcome(outcome)),
  ];
  return {
    group: group.name,
    ref,
    verdict: worstVerdict(verdicts),
    readyReplicas: countReady(group, pods),
    replicas: group.spec.replicas,
    ...(facts.scaling === undefined ? {} : { scaling: facts.scaling }),
    pods,
    checks,
  };
}

interface PodView {
  readonly group: PlacedGroup;
  readonly namespace: string;
  readonly facts: GroupFacts;
  readonly live: ReadonlyMap<string, Manifest>;
  readonly statuses: ReadonlyMap<string, PodStatus>;
}

function judgeSlot(slot: ExpectedPod, view: PodView): PodHealth {
  const { facts, namespace } = view;
  const { name } = slot;
  const target = { namespace, pod: name };
  if (facts.pods.kind === 'unreadable') {
    const advice = advisePod('unreadable', target) ?? '';
    const detail = facts.pods.reason;
    return { ...slot, verdict: 'unknown', reason: 'unreadable', detail, advice, restarts: 0 };
  }
  if (!view.live.has(name)) return judgeMissing(slot, view);
  const status = view.statuses.get(name);
  if (status === undefined) {
    const detail = 'has a shape this version of dsdeploy does not know';
    return { ...slot, verdict: 'unknown', reason: 'unreadable', detail, restarts: 0 };
  }
  const node = status.spec.nodeName;
  const nodeReady = node === undefined ? undefined : facts.nodeReady.get(node);
  const verdict = judgePod(status, { events: facts.events, nodeReady });
  return {
    ...slot,
    ...(node === undefined ? {} : { node }),
    ...verdict,
    ...(isOutdated(status, readStatus(facts)) ? { outdated: true } : {}),
  };
}

/** Both times are the API server's, so that no two clocks are compared. */
function isOutdated({ metadata }: PodStatus, set: LeaderWorkerSetStatus | undefined): boolean {
  if (set === undefined || !isRollingOut(set)) return false;
  return Date.parse(metadata.creationTimestamp ?? '') < lastSpecChangeMs(set);
}

function judgeMissing(slot: ExpectedPod, view: PodView): PodHealth {
  const { facts, group, namespace } = view;
  const target = { namespace, pod: slot.name };
  const failure = facts.events.findLast(
    ({ reason, message }) => reason === 'FailedCreate' && message.includes(`${slot.name} `),
  );
  if (failure !== undefined) {
    return {
      ...slot,
      verdict: 'unhealthy',
      reason: 'create-failed',
      detail: `absent: ${firstLine(failure.message)}`,
      advice: advisePod('create-failed', target) ?? '',
      restarts: 0,
    };
  }
  const leader = view.statuses.get(`${group.objectName}-${slot.groupIndex}`);
  const maker = slot.workerIndex === 0 ? undefined : leader?.metadata.creationTimestamp;
  const ageSeconds = (facts.readAtMs - makerMs(maker, facts)) / 1000;
  const justWent = facts.seenBefore?.has(slot.name) === true;
  const overdue = !justWent && ageSeconds > missingGraceSeconds;
  return {
    ...slot,
    verdict: overdue ? 'unhealthy' : 'progressing',
    reason: 'missing',
    detail: justWent ? 'restarting: its pod went during the check' : 'absent',
    ...(overdue ? { advice: advisePod('missing', target) ?? '' } : {}),
    restarts: 0,
  };
}

/** When whoever makes the pod came to be: the leader for a worker, else the LeaderWorkerSet. */
function makerMs(leaderCreatedAt: string | null | undefined, facts: GroupFacts): number {
  const leaderMs = Date.parse(leaderCreatedAt ?? '');
  if (!Number.isNaN(leaderMs)) return leaderMs;
  const status = readStatus(facts);
  return status === undefined ? 0 : lastWriteMs(status);
}

/** A pod beyond the layout still gets traffic from the Service, so it is judged like the rest. */
function slotOfExtra(group: PlacedGroup, name: string, pod: PodStatus | undefined): ExpectedPod {
  const labels = pod?.metadata.labels ?? {};
  const groupIndex = parseIndex(labels[lwsLabel.groupIndex]);
  const workerIndex = parseIndex(labels[lwsLabel.workerIndex]);
  return { name, groupIndex, workerIndex, ranks: ranksOf(group, workerIndex) };
}

function parseIndex(label: string | undefined): number {
  return label !== undefined && /^\d+$/.test(label) ? Number(label) : -1;
}

function countReady(group: PlacedGroup, pods: readonly PodHealth[]): number {
  const indexes = Array.from({ length: group.spec.replicas }, (_, index) => index);
  return indexes.filter((index) => {
    const own = pods.filter(({ groupIndex }) => groupIndex === index);
    return own.length >= group.podsPerGroup && own.every(({ verdict }) => verdict === 'healthy');
  }).length;
}
