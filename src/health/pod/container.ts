import type { ContainerExit, PodReason } from '../report.ts';
import { firstLine } from './event.ts';
import type { ContainerStatus } from './pod-status.ts';

/** Waiting reasons of the kubelet that no amount of waiting for weights explains. */
const fatalWaiting: ReadonlyMap<string, PodReason> = new Map<string, PodReason>([
  ['ErrImagePull', 'image-pull'],
  ['ImagePullBackOff', 'image-pull'],
  ['InvalidImageName', 'image-pull'],
  ['ErrImageNeverPull', 'image-pull'],
  ['ImageInspectError', 'image-pull'],
  ['RegistryUnavailable', 'image-pull'],
  ['SignatureValidationFailed', 'image-pull'],
  ['CreateContainerConfigError', 'container-config'],
  ['CreateContainerError', 'container-config'],
  ['RunContainerError', 'container-config'],
]);

export interface ContainerTrouble {
  readonly container: string;
  readonly reason: PodReason;
  readonly detail: string;
}

/** Explains why a container cannot run; `undefined` while it waits, loads or serves normally. */
export function findContainerTrouble(
  status: ContainerStatus,
  { init }: { readonly init: boolean },
): ContainerTrouble | undefined {
  const { waiting, terminated } = status.state;
  const name = init ? `init container ${status.name}` : status.name;
  const trouble = (reason: PodReason, detail: string): ContainerTrouble => ({
    container: status.name,
    reason,
    detail: `${name}: ${detail}`,
  });
  const fatal = fatalWaiting.get(waiting?.reason ?? '');
  if (fatal !== undefined) {
    const message = firstLine(waiting?.message ?? '');
    return trouble(fatal, [waiting?.reason, message].filter(Boolean).join(': '));
  }
  const exit = lastExitOf(status);
  if (waiting?.reason === 'CrashLoopBackOff') {
    const reason = exit?.reason === 'OOMKilled' ? 'out-of-memory' : 'crash-loop';
    return trouble(reason, `CrashLoopBackOff after ${describeExit(exit)}, ${restarts(status)}`);
  }
  if (terminated === undefined || (init && terminated.exitCode === 0)) return undefined;
  const reason = exit?.reason === 'OOMKilled' ? 'out-of-memory' : 'exited';
  return trouble(reason, `ended with ${describeExit(exit)}, ${restarts(status)}`);
}

/** The newest end of a container: the current one, else the one before the restart. */
export function lastExitOf({ name, state, lastState }: ContainerStatus): ContainerExit | undefined {
  const terminated = state.terminated ?? lastState.terminated;
  if (terminated === undefined) return undefined;
  return {
    container: name,
    exitCode: terminated.exitCode,
    reason: terminated.reason ?? (terminated.exitCode === 0 ? 'Completed' : 'Error'),
    ...(terminated.finishedAt ? { finishedAt: terminated.finishedAt } : {}),
  };
}

/** Formats an exit: `exit 137 (OOMKilled)`; names the signal where the kernel sent one. */
export function describeExit(exit: ContainerExit | undefined): string {
  if (exit === undefined) return 'an unknown exit';
  const signal = signalNames.get(exit.exitCode);
  const reason =
    signal === undefined || exit.reason === 'OOMKilled' ? exit.reason : `${exit.reason}, ${signal}`;
  return `exit ${exit.exitCode} (${reason})`;
}

const signalNames: ReadonlyMap<number, string> = new Map([
  [134, 'SIGABRT'],
  [137, 'SIGKILL: memory limit, or killed by a probe'],
  [139, 'SIGSEGV'],
  [143, 'SIGTERM'],
]);

function restarts({ restartCount }: ContainerStatus): string {
  return restartCount === 1 ? '1 restart' : `${restartCount} restarts`;
}
