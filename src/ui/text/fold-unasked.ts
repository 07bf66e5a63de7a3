import type { Check } from '../../health/index.ts';

/** Checks from which on a common reason is told once. */
const foldFrom = 3;

/**
 * Puts checks of one subject that wait for, or fell with, the same thing into one: what was not asked
 * would otherwise fill a page with one sentence. Those that have a next step of their own stay.
 */
export function foldUnasked(checks: readonly Check[]): readonly Check[] {
  const groups = Map.groupBy(checks, (check) =>
    isUnasked(check) ? `${check.outcome} ${check.subject} ${check.detail}` : check,
  );
  return [...groups.values()].flatMap((same) => {
    const [first, ...others] = same;
    if (first === undefined || same.length < foldFrom) return same;
    const list = others.map(({ id }) => id).join(', ');
    return [{ ...first, detail: `${first.detail}; so with ${list}` }];
  });
}

function isUnasked({ outcome, advice, impact }: Check): boolean {
  const isOpen = outcome === 'unknown' || outcome === 'pending';
  return isOpen && advice === undefined && impact === undefined;
}
