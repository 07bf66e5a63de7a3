import { DsdeployError } from '../../errors/index.ts';
import type { ProgressHost } from '../../ui/host/progress-host.ts';

export interface ConfirmPorts {
  readonly host: Pick<ProgressHost, 'confirm' | 'isInteractive'>;
  readonly signal: AbortSignal;
}

/** Returns when the person agrees; a "no", or nobody to ask, is an error. */
export async function confirmChange(
  question: string,
  { host, signal }: ConfirmPorts,
): Promise<void> {
  if (!host.isInteractive) {
    throw new DsdeployError('DECLINED', 'Cannot ask for consent: this is not a terminal', {
      subject: '--yes',
      hint: 'Look at the plan, then run the command again with --yes.',
    });
  }
  const agreed = await host.confirm(question);
  if (signal.aborted) {
    throw new DsdeployError('INTERRUPTED', 'Interrupted at the question: nothing was changed');
  }
  if (!agreed) throw new DsdeployError('DECLINED', 'Declined: nothing was changed');
}
