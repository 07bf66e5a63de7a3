import type {
  SandboxOptions,
  SandboxState,
  SandboxStatus,
  StopResult,
} from '../../sandbox/index.ts';

/** The sandbox as the commands see it. */
export interface SandboxPort {
  start(options: SandboxOptions): Promise<SandboxState>;
  stop(directory: string): Promise<StopResult>;
  readStatus(directory: string): Promise<SandboxStatus>;
  defaultDirectory(name: string): string;
}
