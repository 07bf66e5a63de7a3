import type { Canary } from './canary/canary.ts';
import { canaryCases } from './canary/canary-cases.ts';
import type { Check, CheckLevel } from './report.ts';

/** Requests a ready leader has to answer before its group is healthy. */
export type ProbeId = 'http-health' | 'models' | 'chat';

export const probeLevels = {
  'http-health': 'engine',
  models: 'service',
  chat: 'answer',
} as const satisfies Record<ProbeId, CheckLevel>;

/** A check of one endpoint that has to be there for its group to be healthy. */
export type RequiredCheck = Pick<Check, 'id' | 'level'>;

/** Lists every check of one endpoint, in the order of a report. */
export function requiredChecks(canary: Canary): readonly RequiredCheck[] {
  const engine = (id: string): RequiredCheck => ({ id, level: 'engine' });
  const base = [
    engine('http-health'),
    engine('metrics'),
    engine('ranks'),
    { id: 'models', level: 'service' },
  ] as const;
  if (canary === 'none') return base;
  return [
    ...base,
    engine('progress'),
    engine('rank-answers'),
    { id: 'chat', level: 'answer' },
    ...canaryCases(canary).map(({ id }) => ({ id, level: 'answer' }) as const),
  ];
}

/** Checks of a group that need its Service to be read. */
export const serviceChecks = ['service-endpoints', 'service-request', 'service-network'] as const;

const askedIds: ReadonlySet<string> = new Set([
  // Read with the events, which are not there at the first look.
  'network-policy',
  ...requiredChecks('full').map(({ id }) => id),
  ...serviceChecks,
]);

/** Tells checks that ask an engine or follow its Service from checks that read objects. */
export function isAskedCheck(id: string): boolean {
  return askedIds.has(id);
}
