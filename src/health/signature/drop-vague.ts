import type { Finding } from './signature.ts';
import { librarySignatures } from './vague.ts';

const libraryCodes: ReadonlySet<string> = new Set(librarySignatures.map(({ code }) => code));

/** Milliseconds around a failure in which its reason is written. */
const nearMs = 60_000;

/** The same in lines, for a log without times. */
const nearLines = 400;

/**
 * Leaves out of the findings of one pod those that name no reason where another one beside them does:
 * engines write that they failed, and the reason before or after it.
 */
export function dropVague(findings: readonly Finding[]): readonly Finding[] {
  const reasons = findings.filter(({ weight }) => weight === 'fatal' || weight === 'echo');
  const vague = findings
    .filter(({ weight }) => weight === 'vague')
    .filter((finding) => !reasons.some((reason) => isNear(finding, reason)));
  const [first] = vague.toSorted((a, b) => a.position - b.position);
  // Later failures are how other processes tell of the first, if they do not name a library.
  const library = vague.find(
    (finding) => libraryCodes.has(finding.code) && first !== undefined && isNear(finding, first),
  );
  const kept = library ?? first;
  return findings.filter((finding) => finding.weight !== 'vague' || finding === kept);
}

function isNear(a: Finding, b: Finding): boolean {
  if (a.atMs !== undefined && b.atMs !== undefined) return Math.abs(a.atMs - b.atMs) <= nearMs;
  return Math.abs(a.position - b.position) <= nearLines;
}
