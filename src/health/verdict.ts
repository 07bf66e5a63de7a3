import type { Check, Verdict } from './report.ts';

const severity = { healthy: 0, progressing: 1, unknown: 2, unhealthy: 3 } as const satisfies Record<
  Verdict,
  number
>;

/** Returns the worst verdict; nothing to judge is `unknown`, so that no pass is vacuous. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  const [first, ...rest] = verdicts;
  if (first === undefined) return 'unknown';
  return rest.reduce<Verdict>(
    (worst, next) => (severity[next] > severity[worst] ? next : worst),
    first,
  );
}

/** Orders verdicts from the worst to the best. */
export function compareVerdicts(a: Verdict, b: Verdict): number {
  return severity[b] - severity[a];
}

/** What one check says about the group it belongs to. */
export function verdictOfOutcome(outcome: Check['outcome']): Verdict {
  switch (outcome) {
    case 'passed':
      return 'healthy';
    case 'failed':
      return 'unhealthy';
    case 'pending':
      return 'progressing';
    case 'unknown':
      return 'unknown';
  }
}
