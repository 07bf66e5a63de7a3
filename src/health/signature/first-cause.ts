import type { Finding, SignatureWeight } from './signature.ts';

const weights = {
  fatal: 0,
  vague: 0,
  echo: 1,
  degraded: 2,
} as const satisfies Record<SignatureWeight, number>;

/**
 * Orders findings of all pods of a group by blame.
 *
 * What ends a process goes before the echo in its peers, and that before what only slows it down.
 * Within these the first in time wins, however loud the later ones are; one that does not say why has
 * to be first by a minute, as clocks differ and the reason is often written later. Without times, which a log
 * read in full has, the position in the log decides, then the name of the pod.
 */
export function orderFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) =>
      weights[a.weight] - weights[b.weight] ||
      compareTimes(a, b) ||
      a.position - b.position ||
      a.pod.localeCompare(b.pod),
  );
}

/** The finding to blame; `undefined` when nothing is known. */
export function firstCause(findings: readonly Finding[]): Finding | undefined {
  return orderFindings(findings)[0];
}

/** Milliseconds a finding that names no reason is taken to be later than it was. */
const vagueDelayMs = 60_000;

function compareTimes(a: Finding, b: Finding): number {
  return timeOf(a) - timeOf(b);
}

// What has no time cannot be compared with what has one: it goes last.
function timeOf({ atMs = Number.MAX_SAFE_INTEGER, weight }: Finding): number {
  return weight === 'vague' && atMs < Number.MAX_SAFE_INTEGER ? atMs + vagueDelayMs : atMs;
}
