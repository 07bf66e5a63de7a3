import type { ObjectRef } from '../manifest/index.ts';

/** `unknown` means something required could not be checked: never taken for healthy. */
export type Verdict = 'healthy' | 'progressing' | 'unhealthy' | 'unknown';

/** What is true now, per object, group and rank, with cause and advice. Plain data. */
export interface HealthReport {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'HealthReport';
  readonly deployment: { readonly name: string; readonly namespace: string };
  readonly verdict: Verdict;
  readonly groups: readonly GroupHealth[];
  /** First thing in the way of health, with its evidence; absent when healthy. */
  readonly cause?: HealthCause;
  /** How a wait ended; absent for a report that did not wait. */
  readonly wait?: WaitOutcome;
}

export interface GroupHealth {
  /** Name of the serving group in the spec. */
  readonly group: string;
  /** The LeaderWorkerSet. */
  readonly ref: ObjectRef;
  readonly verdict: Verdict;
  readonly readyReplicas: number;
  readonly replicas: number;
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
  /** Stable, for example `lws-available`, `pods-present`, `http-health`, `models`, `chat`. */
  readonly id: string;
  readonly level: CheckLevel;
  /** Object, pod or URL checked. */
  readonly subject: string;
  readonly outcome: 'passed' | 'failed' | 'pending' | 'unknown';
  readonly detail: string;
  /** Next step for whoever reads a check that did not pass. */
  readonly advice?: string;
  readonly durationMs?: number;
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
  readonly advice?: string;
  /** Warnings the cluster recorded about the subject, oldest first. */
  readonly events: readonly string[];
  /** Last lines the subject logged before it failed; secrets known to dsdeploy are masked. */
  readonly logLines: readonly string[];
}

export interface WaitOutcome {
  readonly ended: 'healthy' | 'failed' | 'timed-out';
  readonly elapsedSeconds: number;
  readonly timeoutSeconds: number;
}
