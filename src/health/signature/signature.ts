import type { EngineId } from '../../catalog/index.ts';
import type { LogMilestone } from '../../engines/index.ts';

/** Where a log comes from, as far as a rule or its next step needs to know. */
export interface SignatureContext {
  readonly engine: EngineId;
  /** Name of the serving group in the spec. */
  readonly group: string;
  /** Name of its node pool in the spec. */
  readonly pool: string;
  readonly namespace: string;
  readonly pod: string;
  readonly node?: string;
  /** Pods of one group; a group of one has no network between its ranks. */
  readonly podsPerGroup: number;
  /** Whether the spec asks for RDMA between nodes. */
  readonly rdma: boolean;
  /** Directory of the weights inside the container. */
  readonly modelPath: string;
  /** Lines that tell how far the engine has come. */
  readonly milestones: readonly LogMilestone[];
  /**
   * Whether the log is of a container that ended, so that its traceback is what ended it.
   *
   * @default false
   */
  readonly ended?: boolean;
}

/**
 * How a finding ranks against others: `fatal` ends the process; `vague` does so too without saying
 * why, and gives way to what does; `echo` is how one pod tells that another went away; `degraded`
 * serves, only worse than planned.
 */
export type SignatureWeight = 'fatal' | 'vague' | 'echo' | 'degraded';

/** What one known failure looks like and what to do about it. */
export interface Signature {
  /** Stable, kebab-case; the `code` of a cause. */
  readonly code: string;
  /** Engines whose logs can show it. */
  readonly engines: readonly EngineId[] | 'any';
  readonly weight: SignatureWeight;
  /** Proves it on one line of the log, of the pod's status or of an event. */
  readonly pattern: RegExp;
  /** A line that matches this as well means something else. */
  readonly unless?: RegExp;
  /** Lines nearby that tell more about it. */
  readonly support?: RegExp;
  /**
   * How many lines away those may be.
   *
   * @default 40
   */
  readonly reach?: number;
  /** Phase of the start in which the line means this; in any phase when absent. */
  readonly phase?: LogPhase | readonly LogPhase[];
  readonly when?: (context: SignatureContext) => boolean;
  /** One sentence: what happened. */
  readonly meaning: string;
  /** One sentence with the exact command or the key of the spec. */
  readonly nextStep: (context: SignatureContext) => string;
  readonly source: string;
}

/** What the engine was doing when it wrote a line; the same error means another thing in each. */
export type LogPhase = 'starting' | 'loading' | 'sizing' | 'capturing' | 'serving';

/** A known failure found in one pod, with what shows it. */
export interface Finding {
  readonly code: string;
  readonly weight: SignatureWeight;
  readonly engine: EngineId;
  readonly meaning: string;
  readonly nextStep: string;
  readonly source: string;
  readonly pod: string;
  readonly node?: string;
  /** Milliseconds since 1970 of the first line that shows it, when the log has times. */
  readonly atMs?: number;
  /** Position of that line in the log; what the pod's status says comes last. */
  readonly position: number;
  /** As written by the process that failed: `DP3 TP1`, `rank 12`; empty when it did not say. */
  readonly rank: string;
  /** At most three lines, in the order of the log. */
  readonly lines: readonly string[];
}

/** The next step where the engine refuses what it was started with. */
export function correctFlags({ group }: SignatureContext): string {
  return `Correct groups[${group}].extraArgs, or groups[${group}].image when it is not the release the spec names; \`dsdeploy plan\` checks flags against the release.`;
}

/** The log of the pod, for a next step that begins with reading more of it. */
export function logCommand({ namespace, pod }: SignatureContext): string {
  return `kubectl logs ${pod} -n ${namespace}`;
}
