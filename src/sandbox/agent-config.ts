import { join } from 'node:path';

/** What the agent reads at its start; JSON in `configs/agent.json`. */
export interface AgentConfig {
  readonly serverUrl: string;
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly simulatorProgram: string;
  readonly podLogsDirectory: string;
  readonly simulatorsFile: string;
  /** The agent ends by itself when this file is gone. */
  readonly stateFile: string;
}

/** Log file of every container that runs no process. */
export function silentLogFile(podLogsDirectory: string): string {
  return join(podLogsDirectory, 'no-process.log');
}
