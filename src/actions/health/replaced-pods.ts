import type { Check, GroupHealth } from '../../health/index.ts';
import type { Answers, ObjectReadings } from './wait/object-readings.ts';

/** Names of the pods that ran at one moment and were gone, going, or others at a later one. */
export function findReplaced(before: ObjectReadings, after: ObjectReadings): ReadonlySet<string> {
  const now = runningUids(after);
  const replaced = [...runningUids(before)].filter(([name, uid]) => now.get(name) !== uid);
  return new Set(replaced.map(([name]) => name));
}

/** Names of all pods that were read, whatever they do. */
export function podNames({ pods }: ObjectReadings): readonly string[] {
  return pods.kind === 'unreadable' ? [] : pods.value.map(({ metadata }) => metadata.name);
}

/**
 * Names of every pod of the copies that lost one: a copy answers with all its pods, so that what it
 * said in the meantime was said by none of its lives.
 */
export function withPeers(
  replaced: ReadonlySet<string>,
  groups: readonly GroupHealth[],
): ReadonlySet<string> {
  return new Set(
    groups.flatMap(({ pods }) => {
      const copies = new Set(
        pods.filter(({ name }) => replaced.has(name)).map(({ groupIndex }) => groupIndex),
      );
      return pods.filter(({ groupIndex }) => copies.has(groupIndex)).map(({ name }) => name);
    }),
  );
}

/** Whether a pod of the layout is absent for longer than its controller needs to make it. */
export function lacksPods(groups: readonly GroupHealth[]): boolean {
  return groups.some(({ pods }) =>
    pods.some(({ reason, verdict }) => reason === 'missing' && verdict === 'unhealthy'),
  );
}

/** Checks that did not come to a good end, which a pod that went in between explains. */
export function hasTrouble(answers: Answers): boolean {
  return [...answers.values()].flat().some(isTroubled);
}

function isTroubled({ outcome }: Check): boolean {
  return outcome === 'failed' || outcome === 'unknown';
}

function runningUids({ pods }: ObjectReadings): ReadonlyMap<string, string> {
  if (pods.kind === 'unreadable') return new Map();
  const running = pods.value.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return new Map(running.map(({ metadata }) => [metadata.name, metadata.uid]));
}
