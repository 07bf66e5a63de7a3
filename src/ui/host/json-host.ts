import type { Output } from '../output.ts';
import type { ProgressHost } from './progress-host.ts';

/** Writes every message as one line of JSON; texts meant for people are left out. */
export function createJsonHost(output: Output): ProgressHost {
  return {
    isInteractive: false,
    notify: (message) => {
      const header = { apiVersion: 'dsdeploy/v1', kind: 'Event' };
      output.write(`${JSON.stringify({ ...header, ...message })}\n`);
    },
    confirm: () => Promise.resolve(false),
    show: () => undefined,
    refresh: () => undefined,
    close: () => undefined,
  };
}
