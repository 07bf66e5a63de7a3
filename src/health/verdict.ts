import type { Check, CheckOutcome, Verdict } from './report.ts';

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

/** A check that has a say: one that was skipped proves nothing and stands in nobody's way. */
export type CountedCheck = Check & { readonly outcome: Exclude<CheckOutcome, 'skipped'> };

/** Tells checks that count from those that were skipped. */
export function isCounted(check: Check): check is CountedCheck {
  return check.outcome !== 'skipped';
}

/** What one check says about the group it belongs to. */
export function verdictOfOutcome(outcome: CountedCheck['outcome']): Verdict {
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
