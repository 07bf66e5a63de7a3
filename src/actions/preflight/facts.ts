import type { LiveObject } from '../../cluster/cluster.ts';
import type { Reading } from '../../health/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import type { AccessRule, DeploymentId, Verb } from '../../plan/index.ts';
import type { Amounts } from './pod-spec.ts';
import type { References } from './references.ts';
import type { Workload } from './workload.ts';

/** What preflight judges: the deployment, and what was read of the cluster at one moment. */
export interface PreflightInput {
  readonly deployment: DeploymentId;
  readonly manifests: readonly Manifest[];
  readonly createNamespace: boolean;
  readonly workloads: readonly Workload[];
  readonly references: References;
  readonly facts: Facts;
}

/** The cluster as far as it could be read. Holds no value of a Secret. */
export interface Facts {
  readonly serverVersion: string;
  readonly denied: Reading<readonly DeniedRight[]>;
  readonly lws: LwsFacts;
  /** `undefined` where it does not exist yet. */
  readonly namespace: Reading<LiveObject | undefined>;
  readonly quotas: Reading<readonly LiveObject[]>;
  readonly limitRanges: Reading<readonly LiveObject[]>;
  readonly secrets: ReadonlyMap<string, Reading<SecretFact | undefined>>;
  readonly claims: ReadonlyMap<string, Reading<LiveObject | undefined>>;
  readonly storageClasses: ReadonlyMap<string, Reading<LiveObject | undefined>>;
  /** By `Kind/name`. */
  readonly classes: ReadonlyMap<string, Reading<LiveObject | undefined>>;
  /** Objects under names the LeaderWorkerSet controller is going to use, by `Kind/name`. */
  readonly names: ReadonlyMap<string, Reading<LiveObject | undefined>>;
  readonly nodes: Reading<readonly NodeFact[]>;
  /** Pods on the nodes that the deployment's selectors match. */
  readonly pods: Reading<readonly PodFact[]>;
}

export interface LwsFacts {
  readonly served: boolean;
  readonly controller: Reading<LiveObject | undefined>;
}

export interface SecretFact {
  readonly type: string;
  readonly keys: readonly string[];
}

/** A right the user lacks, and one rule that needs it. */
export interface DeniedRight {
  readonly verb: Verb;
  readonly rule: AccessRule;
  readonly name?: string;
}

export interface NodeFact {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ready: boolean;
  readonly cordoned: boolean;
  readonly taints: readonly NodeTaint[];
  readonly allocatable: Amounts;
}

export interface NodeTaint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export interface PodFact {
  readonly name: string;
  readonly node: string;
  readonly namespace: string;
  readonly requests: Amounts;
  /** Whether it belongs to the deployment, so that an update replaces it. */
  readonly ours: boolean;
}
