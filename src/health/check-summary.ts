import type { Check, CheckSummary, GroupHealth } from './report.ts';

type NotDone = CheckSummary['notDone'][number];

/** Counts the checks of all groups, and lists those without a result with the reason. */
export function summarizeChecks(groups: readonly GroupHealth[]): CheckSummary {
  const checks = groups.flatMap((group) => group.checks);
  const count = (outcome: Check['outcome']): number =>
    checks.filter((check) => check.outcome === outcome).length;
  const failed = count('failed');
  return {
    done: count('passed') + failed,
    failed,
    pending: count('pending'),
    unknown: count('unknown'),
    skipped: count('skipped'),
    notDone: checks.flatMap(toNotDone),
  };
}

function toNotDone({ id, subject, outcome, detail }: Check): NotDone[] {
  if (outcome === 'passed' || outcome === 'failed') return [];
  return [{ id, subject, outcome, reason: detail }];
}
