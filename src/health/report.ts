import type { ObjectRef } from '../manifest/index.ts';
import type { Scaling } from './group/scaling.ts';
import type { Finding } from './signature/signature.ts';
import type { PodTimeline } from './timeline/timeline.ts';

/** `unknown` means something required could not be checked: never taken for healthy. */
export type Verdict = 'healthy' | 'progressing' | 'unhealthy' | 'unknown';

/** What is true now, per object, group and rank, with cause and advice. Plain data. */
export interface HealthReport {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'HealthReport';
  readonly deployment: { readonly name: string; readonly namespace: string };
  readonly verdict: Verdict;
  readonly groups: readonly GroupHealth[];
  /** What was checked and what was not, over all groups. */
  readonly checks: CheckSummary;
  /** First thing in the way of health, with its evidence; absent when healthy. */
  readonly cause?: HealthCause;
  /** How a wait ended; absent for a report that did not wait. */
  readonly wait?: WaitOutcome;
  /** Start of every pod that was read, expected order; absent when nobody asked for it. */
  readonly timeline?: readonly PodTimeline[];
  /** Known failures in the logs, by blame; absent when the logs were not read for them. */
  readonly findings?: readonly Finding[];
}

export interface GroupHealth {
  /** Name of the serving group in the spec. */
  readonly group: string;
  /** The LeaderWorkerSet. */
  readonly ref: ObjectRef;
  readonly verdict: Verdict;
  readonly readyReplicas: number;
  /** Copies there have to be: those of the spec, or those an autoscaler wants. */
  readonly replicas: number;
  /** Present when an autoscaler decides the copies in place of the spec. */
  readonly scaling?: Scaling;
  /** Expected pods first, absent ones included, then pods the layout does not know. */
  readonly pods: readonly PodHealth[];
  readonly checks: readonly Check[];
}

/**
 * What a pod does or suffers from; stable. Up to `terminating` these are steps of a normal life,
 * the rest stop the pod from serving.
 */
export type PodReason =
  | 'ready'
  | 'pending'
  | 'scheduling-gated'
  | 'creating'
  | 'initializing'
  | 'loading'
  | 'becoming-ready'
  | 'terminating'
  | 'missing'
  | 'create-failed'
  | 'unschedulable'
  | 'image-pull'
  | 'container-config'
  | 'volume-mount'
  | 'pod-sandbox'
  | 'crash-loop'
  | 'out-of-memory'
  | 'exited'
  | 'not-ready'
  | 'evicted'
  | 'rejected'
  | 'node-not-ready'
  | 'unreadable';

export interface PodHealth {
  readonly name: string;
  /** Which copy of the group, and which pod in it (0 is the leader); -1 when a label is missing. */
  readonly groupIndex: number;
  readonly workerIndex: number;
  readonly node?: string;
  /** Global ranks the pod runs, for example `0-7`; empty for a pod the layout does not know. */
  readonly ranks: string;
  readonly verdict: Verdict;
  readonly reason: PodReason;
  /** One line: phase and reason. */
  readonly detail: string;
  /** Next step, with the exact command, when the pod cannot become ready by itself. */
  readonly advice?: string;
  /** Restarts of the container that restarted most. */
  readonly restarts: number;
  /** Made before the last change of the set, and waits its turn to be replaced. */
  readonly outdated?: boolean;
  /** Last time a container of this pod ended with an error. */
  readonly lastExit?: ContainerExit;
}

export interface ContainerExit {
  readonly container: string;
  readonly exitCode: number;
  /** For example `OOMKilled` or `Error`. */
  readonly reason: string;
  /** RFC 3339, the node's clock. */
  readonly finishedAt?: string;
}

export type CheckLevel = 'objects' | 'processes' | 'engine' | 'service' | 'answer';

export interface Check {
  /** Stable, for example `lws-available`, `http-health`, `service-endpoints`, `stream`. */
  readonly id: string;
  readonly level: CheckLevel;
  /** Object, pod or URL checked. */
  readonly subject: string;
  /**
   * `unknown` is required and could not be proven; `skipped` does not apply here, or could not be
   * done and is not required. Neither ever counts as a pass.
   */
  readonly outcome: CheckOutcome;
  /** What was found, or the reason why nothing was. */
  readonly detail: string;
  /** What a user of the API notices while it is so. */
  readonly impact?: string;
  /** What is worth a look although the check passed. */
  readonly warning?: string;
  /** Next step for whoever reads a check that did not pass. */
  readonly advice?: string;
  /** Global ranks at fault, where the check can tell. */
  readonly ranks?: string;
  readonly measured?: Measurements;
  readonly durationMs?: number;
}

export type CheckOutcome = 'passed' | 'failed' | 'pending' | 'unknown' | 'skipped';

/** What a check measured on the way, whatever its outcome. */
export interface Measurements {
  /** From sending the request to the first word, the way through the API server included. */
  readonly ttftMs?: number;
  /** After the first token, of one request. */
  readonly outputTokensPerSecond?: number;
  /** What `dsdeploy estimate` expects of the same request, where it can; not measured. */
  readonly expectedTtftMs?: SpeedRange;
  readonly expectedOutputTokensPerSecond?: SpeedRange;
  readonly requestsRunning?: number;
  readonly requestsWaiting?: number;
  /** Used share of the KV cache of the fullest rank, 0 to 1. */
  readonly kvUsedFraction?: number;
  readonly promptTokens?: number;
  readonly cachedTokens?: number;
}

/** An estimated number, the band it may lie in, and how it was come by. */
export interface SpeedRange {
  readonly p50: number;
  readonly low: number;
  readonly high: number;
  /** Measured on this very case, between calibrated ones, or beyond them. */
  readonly label: 'measured' | 'interpolated' | 'extrapolated';
}

export interface CheckSummary {
  /** Checks that came to a result: those that passed and those that failed. */
  readonly done: number;
  readonly failed: number;
  readonly pending: number;
  readonly unknown: number;
  readonly skipped: number;
  /** Every check without a result, and why. */
  readonly notDone: readonly {
    readonly id: string;
    readonly subject: string;
    readonly outcome: 'pending' | 'unknown' | 'skipped';
    readonly reason: string;
  }[];
}

/** The first thing in the way of health: who, why, what to do, and what shows it. */
export interface HealthCause {
  /** A `PodReason` or the id of a check. */
  readonly code: string;
  /** Name of the serving group in the spec. */
  readonly group: string;
  /** For example `Pod/llm/dsv32-serve-0-1`. */
  readonly subject: string;
  readonly ranks?: string;
  readonly node?: string;
  readonly message: string;
  /** What a user of the API notices. */
  readonly impact?: string;
  readonly advice?: string;
  /** Warnings the cluster recorded about the subject, oldest first. */
  readonly events: readonly string[];
  /** Last lines the subject logged before it failed; secrets known to dsdeploy are masked. */
  readonly logLines: readonly string[];
  /** The known failure behind it, when the log or the status of a pod of the group shows one. */
  readonly signature?: KnownCause;
}

/** A failure dsdeploy knows by what it leaves in a log. */
export type KnownCause = Pick<Finding, 'code' | 'meaning' | 'source' | 'rank' | 'lines'>;

export interface WaitOutcome {
  readonly ended: 'healthy' | 'failed' | 'timed-out';
  readonly elapsedSeconds: number;
  readonly timeoutSeconds: number;
}
