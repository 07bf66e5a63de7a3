import {
  type BareCause,
  causeOfCheck,
  causeOfPod,
  type Doomed,
  describeExit,
  findCause,
  type GroupHealth,
} from '../../../health/index.ts';
import type { Crash } from './crash-memory.ts';

/** Names the cause behind what a wait gave up on, with the crash it remembers of that group. */
export function blameDoomed({ group, pod }: Doomed, crash: Crash | undefined): BareCause {
  const first = findCause([group]);
  if (first?.code === 'network-policy') return first;
  if (pod === undefined) return blameLoop(group, crash);
  // What keeps a pod from being made lies outside of it.
  return (pod.reason === 'missing' ? first : undefined) ?? causeOfPod(group, pod);
}

/** Blames the pod that ended first in the last attempt of a group that is recreated in a loop. */
function blameLoop(group: GroupHealth, crash: Crash | undefined): BareCause {
  const loop = group.checks.find(({ id }) => id === 'group-restarts');
  if (loop === undefined) throw new Error('a group without a failed check was called doomed');
  const cause = causeOfCheck(group, loop);
  if (crash === undefined) return cause;
  const end = `${crash.pod.name} ended first with ${describeExit(crash.exit)}`;
  const { subject, ranks, node } = causeOfPod(group, crash.pod);
  return {
    ...cause,
    subject,
    ...(ranks === undefined ? {} : { ranks }),
    ...(node === undefined ? {} : { node }),
    message: `${cause.message}; ${end}`,
  };
}
