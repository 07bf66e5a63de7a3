import { DsdeployError } from '../../../errors/index.ts';

/** Throws `INTERRUPTED` once the user asked to stop; the cluster is left as it is. */
export function throwIfInterrupted(signal: AbortSignal | undefined, action: string): void {
  if (signal?.aborted !== true) return;
  throw new DsdeployError('INTERRUPTED', `Cannot ${action}: interrupted`, {
    hint: 'Run `dsdeploy health` to see where it stands; nothing was undone.',
  });
}
