import { advisePod } from '../advice.ts';
import type { ContainerExit, PodReason, Verdict } from '../report.ts';
import {
  type ContainerTrouble,
  describeExit,
  findContainerTrouble,
  lastExitOf,
} from './container.ts';
import { type ClusterEvent, eventsAbout, firstLine } from './event.ts';
import { type ContainerStatus, conditionOf, type PodStatus } from './pod-status.ts';

/** What is known around a pod. Leaving a field out makes rules say less, never more. */
export interface PodContext {
  /** Warnings of the namespace; those about other objects are ignored. */
  readonly events: readonly ClusterEvent[];
  /** Whether the node of the pod is ready; `undefined` when it could not be read. */
  readonly nodeReady?: boolean | undefined;
}

export interface PodVerdict {
  readonly verdict: Verdict;
  readonly reason: PodReason;
  readonly detail: string;
  readonly advice?: string;
  readonly restarts: number;
  readonly lastExit?: ContainerExit;
}

interface Finding {
  readonly verdict: Verdict;
  readonly reason: PodReason;
  readonly detail: string;
  readonly container?: string;
}

/** First rule that answers wins; each looks at one kind of evidence. */
const rules: readonly ((pod: PodStatus, context: PodContext) => Finding | undefined)[] = [
  findTermination,
  findEndedPhase,
  findLostNode,
  findUnscheduled,
  findTroubledContainer,
  findFailedSetup,
  findReady,
  findUnready,
];

/**
 * Tells what a pod does: serves, still works towards it, or cannot get there by itself.
 *
 * A container that runs and is not ready stays `progressing` however long it takes: loading
 * hundreds of gigabytes is silent, and the startup probe, not this rule, says when it is too long.
 */
export function judgePod(pod: PodStatus, context: PodContext): PodVerdict {
  const { name, namespace = 'default' } = pod.metadata;
  const about = eventsAbout(context.events, { kind: 'Pod', name, uid: pod.metadata.uid });
  let finding: Finding | undefined;
  for (const rule of rules) finding ??= rule(pod, { ...context, events: about });
  const { verdict, reason, detail, container } = finding ?? progress('pending', 'waits to start');
  const image = pod.spec.containers.find((entry) => entry.name === container)?.image;
  const advice = advisePod(reason, {
    namespace,
    pod: name,
    message: detail,
    ...(container === undefined ? {} : { container }),
    ...(image === undefined ? {} : { image }),
    ...(pod.spec.nodeName === undefined ? {} : { node: pod.spec.nodeName }),
  });
  const lastExit = newestError(allStatuses(pod));
  return {
    verdict,
    reason,
    detail,
    ...(advice === undefined ? {} : { advice }),
    restarts: Math.max(0, ...allStatuses(pod).map((status) => status.restartCount)),
    ...(lastExit === undefined ? {} : { lastExit }),
  };
}

function findTermination({ metadata, ...pod }: PodStatus): Finding | undefined {
  if (!metadata.deletionTimestamp) return undefined;
  const target = conditionOf({ metadata, ...pod }, 'DisruptionTarget');
  const why = target?.status === 'True' && target.reason ? ` (${target.reason})` : '';
  return progress('terminating', `terminating${why}`);
}

function findEndedPhase({ status }: PodStatus): Finding | undefined {
  const why = [status.reason, firstLine(status.message ?? '')].filter(Boolean).join(': ');
  switch (status.phase) {
    case 'Failed':
      // Without a reason of the kubelet the containers say more than the phase.
      if (!status.reason) return undefined;
      return fail(status.reason === 'Evicted' ? 'evicted' : 'rejected', why);
    case 'Succeeded':
      return fail('exited', `ended although it is a server${why && `: ${why}`}`);
    case 'Unknown':
      return { verdict: 'unknown', reason: 'unreadable', detail: `phase Unknown ${why}`.trim() };
    default:
      return undefined;
  }
}

function findLostNode(pod: PodStatus, { events, nodeReady }: PodContext): Finding | undefined {
  const unready = conditionOf(pod, 'Ready')?.status !== 'True';
  const told = unready && events.some(({ reason }) => reason === 'NodeNotReady');
  // A node that was read and is ready outweighs an event of its past.
  if (nodeReady !== false && !(nodeReady === undefined && told)) return undefined;
  return fail('node-not-ready', `node ${pod.spec.nodeName ?? ''} is not ready`);
}

function findUnscheduled(pod: PodStatus): Finding | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  const message = firstLine(scheduled.message ?? '');
  if (scheduled.reason === 'SchedulingGated') {
    return progress('scheduling-gated', `held back by a scheduling gate: ${message}`);
  }
  return fail('unschedulable', `${scheduled.reason ?? 'Unschedulable'}: ${message}`);
}

function findTroubledContainer({ status, spec }: PodStatus): Finding | undefined {
  const troubles = [
    ...status.initContainerStatuses.map((entry) => findContainerTrouble(entry, { init: true })),
    ...status.containerStatuses.map((entry) => findContainerTrouble(entry, { init: false })),
  ].filter((trouble): trouble is ContainerTrouble => trouble !== undefined);
  const [first] = troubles;
  if (first !== undefined)
    return { ...fail(first.reason, first.detail), container: first.container };
  if (status.phase !== 'Failed') return undefined;
  return fail('exited', `phase Failed, ${spec.containers.length} containers without a status`);
}

/** Mounts and sandboxes fail in events only; once is a race of the kubelet, twice is a fault. */
function findFailedSetup({ status }: PodStatus, { events }: PodContext): Finding | undefined {
  if (status.phase !== 'Pending') return undefined;
  const last = events.findLast(({ reason }) => setupFailures.has(reason));
  const reason = setupFailures.get(last?.reason ?? '');
  if (last === undefined || reason === undefined || last.count < 2) return undefined;
  return fail(reason, `${last.reason}: ${firstLine(last.message)}`);
}

const setupFailures: ReadonlyMap<string, PodReason> = new Map<string, PodReason>([
  ['FailedMount', 'volume-mount'],
  ['FailedAttachVolume', 'volume-mount'],
  ['FailedMapVolume', 'volume-mount'],
  ['FailedCreatePodSandBox', 'pod-sandbox'],
  ['FailedCreatePodContainer', 'pod-sandbox'],
]);

function findReady(pod: PodStatus): Finding | undefined {
  const { spec, status } = pod;
  const ready =
    status.phase === 'Running' &&
    conditionOf(pod, 'Ready')?.status === 'True' &&
    spec.containers.length > 0 &&
    spec.containers.every(({ name }) =>
      status.containerStatuses.some((entry) => entry.name === name && entry.ready),
    );
  return ready ? { verdict: 'healthy', reason: 'ready', detail: 'ready' } : undefined;
}

function findUnready({ spec, status }: PodStatus, { events }: PodContext): Finding | undefined {
  if (status.phase === 'Pending') return findStarting({ spec, status });
  const waiting = status.containerStatuses.find((entry) => !entry.ready);
  if (waiting === undefined) return progress('becoming-ready', 'containers ready, pod not yet');
  if (waiting.state.running === undefined) return progress('creating', `${waiting.name} starts`);
  const failure = events.findLast(({ message }) => message.startsWith('Readiness probe failed'));
  if (waiting.started === true && failure !== undefined) {
    // Readiness is only asked after the startup probe passed: this engine served once.
    return { ...fail('not-ready', firstLine(failure.message)), container: waiting.name };
  }
  if (waiting.started === true) return progress('becoming-ready', `${waiting.name} started`);
  const exit = lastExitOf(waiting);
  const again = exit === undefined ? '' : ` again after ${describeExit(exit)}`;
  return progress('loading', `${waiting.name} loads${again}`);
}

function findStarting({ spec, status }: Pick<PodStatus, 'spec' | 'status'>): Finding {
  if (spec.nodeName === undefined) return progress('pending', 'waits for the scheduler');
  const init = status.initContainerStatuses.find((entry) => entry.state.running !== undefined);
  if (init !== undefined) return progress('initializing', `init container ${init.name} runs`);
  return progress('creating', 'pulls images and mounts volumes');
}

function newestError(statuses: readonly ContainerStatus[]): ContainerExit | undefined {
  return statuses
    .map(lastExitOf)
    .filter((exit): exit is ContainerExit => exit !== undefined && exit.exitCode !== 0)
    .toSorted((a, b) => (a.finishedAt ?? '').localeCompare(b.finishedAt ?? ''))
    .at(-1);
}

function allStatuses({ status }: PodStatus): readonly ContainerStatus[] {
  return [...status.initContainerStatuses, ...status.containerStatuses];
}

function progress(reason: PodReason, detail: string): Finding {
  return { verdict: 'progressing', reason, detail };
}

function fail(reason: PodReason, detail: string): Finding {
  return { verdict: 'unhealthy', reason, detail };
}
