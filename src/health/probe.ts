import type { CheckLevel } from './report.ts';

/** Requests a ready leader has to answer before its group is healthy. */
export type ProbeId = 'http-health' | 'models' | 'chat';

/** How much of the model is tried: nothing, or one short question per leader. */
export type Canary = 'none' | 'quick';

export const probeLevels = {
  'http-health': 'engine',
  models: 'service',
  chat: 'answer',
} as const satisfies Record<ProbeId, CheckLevel>;

/** Lists the probes a group has to pass; `/health` alone outlives a wrong model behind the name. */
export function requiredProbes(canary: Canary): readonly ProbeId[] {
  return canary === 'none' ? ['http-health', 'models'] : ['http-health', 'models', 'chat'];
}

/** Tells checks that ask an engine from checks that read objects. */
export function isProbeId(id: string): id is ProbeId {
  return Object.hasOwn(probeLevels, id);
}
