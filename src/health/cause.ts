import type { Check, GroupHealth, HealthCause, PodHealth } from './report.ts';
import { type CountedCheck, compareVerdicts, isCounted, verdictOfOutcome } from './verdict.ts';

/** A cause before anyone looked for its events and log lines. */
export type BareCause = Omit<HealthCause, 'events' | 'logLines'>;

/**
 * Picks what stands first in the way of health, of all groups.
 *
 * The worst verdict goes first. Among pods that ended, the one that ended first is to blame: the
 * others of its group fall because their peer is gone. A pod goes before a check, which only sums
 * up the pods or comes after them; but a set that is absent or has another shape goes before its
 * pods.
 */
export function findCause(groups: readonly GroupHealth[]): BareCause | undefined {
  const group = groups
    .filter(({ verdict }) => verdict !== 'healthy')
    .toSorted((a, b) => compareVerdicts(a.verdict, b.verdict))[0];
  if (group === undefined) return undefined;
  const pod = group.pods.filter(({ verdict }) => verdict !== 'healthy').toSorted(compareBlame)[0];
  const check = group.checks
    .filter(isCounted)
    .filter(({ outcome }) => outcome !== 'passed')
    .toSorted((a, b) =>
      compareVerdicts(verdictOfOutcome(a.outcome), verdictOfOutcome(b.outcome)),
    )[0];
  const root = group.checks.find(
    ({ id, outcome }) =>
      outcome === 'failed' &&
      (rootChecks.has(id) || (id === 'network-policy' && !hasOwnFault(group))),
  );
  if (root !== undefined) return causeOfCheck(group, root);
  if (pod !== undefined && !isWorse(check, pod)) return causeOfPod(group, pod);
  return check === undefined ? undefined : causeOfCheck(group, check);
}

/** Checks whose failure explains every pod that is missing. */
const rootChecks: ReadonlySet<string> = new Set(['lws-available', 'lws-shape']);

/** Ends of a pod that a cut network explains. */
const cutReasons: ReadonlySet<PodHealth['reason']> = new Set(['crash-loop', 'exited', 'not-ready']);

/** Whether a pod suffers from something that no network explains. */
function hasOwnFault({ pods }: GroupHealth): boolean {
  return pods.some(({ verdict, reason }) => verdict === 'unhealthy' && !cutReasons.has(reason));
}

/** Blames one pod of a group. */
export function causeOfPod(group: GroupHealth, pod: PodHealth): BareCause {
  const { name, ranks, node, reason, detail, advice } = pod;
  const impact = impactOfPod(group);
  return {
    code: reason,
    group: group.group,
    subject: `Pod/${group.ref.namespace ?? 'default'}/${name}`,
    ...(ranks === '' ? {} : { ranks }),
    ...(node === undefined ? {} : { node }),
    message: detail,
    ...(impact === undefined ? {} : { impact }),
    ...(advice === undefined ? {} : { advice }),
  };
}

/** Every rank of a copy works on every request: without one of its pods a copy answers nothing. */
function impactOfPod({ replicas, readyReplicas }: GroupHealth): string | undefined {
  if (readyReplicas >= replicas) return undefined;
  if (readyReplicas === 0) return 'No request to this group is answered.';
  return `${replicas - readyReplicas} of ${replicas} copies of the group answer nothing; the others take their load.`;
}

/** Blames what one check of a group found, with the ranks and the node of the pod it is about. */
export function causeOfCheck(group: GroupHealth, check: Check): BareCause {
  const { id, subject, detail, impact, advice } = check;
  const pod = group.pods.find(
    ({ name }) => subject.startsWith('Pod/') && subject.endsWith(`/${name}`),
  );
  const ranks = check.ranks ?? pod?.ranks;
  return {
    code: id,
    group: group.group,
    subject,
    ...(ranks ? { ranks } : {}),
    ...(pod?.node === undefined ? {} : { node: pod.node }),
    message: detail,
    ...(impact === undefined ? {} : { impact }),
    ...(advice === undefined ? {} : { advice }),
  };
}

function isWorse(check: CountedCheck | undefined, pod: PodHealth): boolean {
  return check !== undefined && compareVerdicts(verdictOfOutcome(check.outcome), pod.verdict) < 0;
}

/**
 * Orders pods by blame: worst verdict, then who never got to run, then whoever ended first, then who
 * only waits for its peers, then position.
 */
export function compareBlame(a: PodHealth, b: PodHealth): number {
  return (
    compareVerdicts(a.verdict, b.verdict) ||
    blameTurn(a) - blameTurn(b) ||
    (a.lastExit?.finishedAt ?? '').localeCompare(b.lastExit?.finishedAt ?? '') ||
    a.groupIndex - b.groupIndex ||
    a.workerIndex - b.workerIndex
  );
}

/** A pod without its image or node makes its peers end; one that never ended may be held up by them. */
function blameTurn({ reason, lastExit }: PodHealth): number {
  if (lastExit?.finishedAt !== undefined) return 1;
  return reason === 'not-ready' ? 2 : 0;
}
