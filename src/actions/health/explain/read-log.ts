import type { PodHealth } from '../../../health/index.ts';

/** Reasons of pods whose containers ran: the others have no log. */
const startedReasons: ReadonlySet<string> = new Set([
  'ready',
  'loading',
  'becoming-ready',
  'not-ready',
  'crash-loop',
  'exited',
  'out-of-memory',
  'node-not-ready',
]);

/** Whether a container of the pod ever ran. */
export function hasLog({ lastExit, reason }: Pick<PodHealth, 'lastExit' | 'reason'>): boolean {
  return lastExit !== undefined || startedReasons.has(reason);
}

/** Replaces secrets in text; they are longer than what else a log may contain by chance. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
