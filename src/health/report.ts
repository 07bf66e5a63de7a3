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
}

export interface GroupHealth {
  /** Name of the serving group in the spec. */
  readonly group: string;
  /** The LeaderWorkerSet. */
  readonly ref: ObjectRef;
  readonly verdict: Verdict;
  readonly readyReplicas: number;
  readonly replicas: number;
  readonly pods: readonly PodHealth[];
  readonly checks: readonly Check[];
}

export interface PodHealth {
  readonly name: string;
  /** Which copy of the group, and which pod in it (0 is the leader). */
  readonly groupIndex: number;
  readonly workerIndex: number;
  readonly node?: string;
  /** Global ranks the pod runs, for example `0-7`. */
  readonly ranks: string;
  readonly verdict: Verdict;
  /** One line: phase and reason. */
  readonly detail: string;
  readonly restarts: number;
}

export type CheckLevel = 'objects' | 'processes' | 'engine' | 'service' | 'answer';

export interface Check {
  /** Stable, for example `lws-available`, `pod-ready`, `http-health`, `models`, `chat`. */
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
