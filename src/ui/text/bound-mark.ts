import type { Estimate } from '../../capacity/index.ts';

/** What stands before a number that is the best case and no middle; empty before others. */
export function boundMark({ bound }: Pick<Estimate, 'bound'>): '' | '<=' | '>=' {
  if (bound === undefined) return '';
  return bound === 'upper' ? '<=' : '>=';
}
