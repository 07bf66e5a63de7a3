import { engines } from '../../../engines/index.ts';
import { type ProbeId, slowFirstTokenMs } from '../../../health/index.ts';
import type { GroupSpec } from '../../../spec/index.ts';

/** Milliseconds an endpoint may take. */
export interface ProbeTimeoutsMs extends Readonly<Record<ProbeId, number>> {
  /** How long nothing the engine counts may move while a request waits for its answer. */
  readonly standstill: number;
}

const pageMs = 5_000;

/**
 * What is used where nobody says otherwise: pages are there at once, a chat answer waits behind other
 * requests. An engine that stands still is given as long as a first word may take.
 */
export function probeTimeoutsMs(
  given: Partial<ProbeTimeoutsMs> | undefined,
  group: GroupSpec,
): ProbeTimeoutsMs {
  const healthSeconds = engines[group.engine].healthTimeoutSeconds?.(group);
  return {
    'http-health': healthSeconds === undefined ? pageMs : healthSeconds * 1000,
    models: pageMs,
    chat: 60_000,
    standstill: slowFirstTokenMs,
    ...given,
  };
}

/** Milliseconds a page may take that no engine has to think about. */
export function pageTimeoutMs(given: Partial<ProbeTimeoutsMs> | undefined): number {
  return given?.models ?? pageMs;
}
