/**
 * What preflight can find. Codes are stable across releases; `docs/preflight.md` has one row per code,
 * and a test compares the two. Sorted.
 */
export const preflightCodes = [
  'CHECK_IMPOSSIBLE',
  'IMAGE_ARCHITECTURE',
  'KEY_SECRET_MISSING',
  'LIMIT_RANGE_REFUSES',
  'LWS_CONTROLLER_DOWN',
  'LWS_NOT_SERVED',
  'LWS_UNTESTED',
  'NAME_TAKEN',
  'NODES_BUSY',
  'NODES_MISSING',
  'NODES_UNUSABLE',
  'PERMISSION_MISSING',
  'POD_SECURITY_REFUSES',
  'PRIORITY_CLASS_MISSING',
  'PULL_SECRET_MISSING',
  'QUOTA_EXCEEDED',
  'RUNTIME_CLASS_MISSING',
  'SERVER_TOO_OLD',
  'STORAGE_CLASS_MISSING',
  'SURGE_NO_ROOM',
  'TOPOLOGY_DOMAINS_MISSING',
  'VOLUME_CLAIM_ACCESS',
  'VOLUME_CLAIM_MISSING',
  'VOLUME_CLAIM_UNBOUND',
] as const;

export type PreflightCode = (typeof preflightCodes)[number];

/**
 * `error` stops an apply before its first write; `warning` does not; `unknown` is what could not be
 * read, which is never a pass; `info` is worth a look and no more.
 */
export type PreflightLevel = 'error' | 'warning' | 'unknown' | 'info';

/** One thing preflight found out about the cluster. */
export interface PreflightFinding {
  readonly code: PreflightCode;
  readonly level: PreflightLevel;
  /** What is wrong, with numbers. */
  readonly what: string;
  /** `Kind/namespace/name`, or a place such as `namespace llm` or `pool h200`. */
  readonly where: string;
  /** One imperative sentence. */
  readonly fix: string;
  /** The `kubectl` line that shows it. */
  readonly command: string;
}

const levels: readonly PreflightLevel[] = ['error', 'warning', 'unknown', 'info'];

/** Drops repetitions and sorts: worst first, then by code and place. */
export function sortFindings(findings: readonly PreflightFinding[]): PreflightFinding[] {
  const distinct = new Map(findings.map((finding) => [keyOf(finding), finding]));
  return [...distinct.values()].toSorted(
    (a, b) => levels.indexOf(a.level) - levels.indexOf(b.level) || (keyOf(a) < keyOf(b) ? -1 : 1),
  );
}

function keyOf({ code, level, where, what }: PreflightFinding): string {
  return [code, level, where, what].join('|');
}

/** Whether a finding stands against an apply. */
export function isBlocking({ level }: PreflightFinding): boolean {
  return level === 'error';
}
