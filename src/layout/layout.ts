import type { RankMemory } from '../capacity/index.ts';
import type { Note, PodAccess, Reason, Role, RoleWorkload } from '../engines/index.ts';
import type { GroupSpec, Parallelism, PoolSpec, Spec } from '../spec/index.ts';

/** Who runs what, where, with what memory; or the reasons why a group cannot. */
export interface Layout {
  readonly spec: Spec;
  readonly fits: boolean;
  readonly groups: readonly GroupLayout[];
}

export type GroupLayout = PlacedGroup | RefusedGroup;

export interface PlacedGroup {
  readonly kind: 'placed';
  readonly name: string;
  /** Name of the LeaderWorkerSet and prefix of its siblings: `<spec>-<group>`. */
  readonly objectName: string;
  readonly spec: GroupSpec;
  readonly pool: PoolSpec;
  readonly image: string;
  /** Directory inside the container where the weights, at their sub-path, are mounted. */
  readonly modelPath: string;
  readonly parallelism: Parallelism;
  readonly chosenBy: 'spec' | 'auto';
  /** Pods of one group, the leader included; one pod per node. */
  readonly podsPerGroup: number;
  readonly devicesPerPod: number;
  /** Pods of one group by index, with the global ranks of each. */
  readonly pods: readonly PodLayout[];
  readonly memory: RankMemory;
  readonly startup: StartupBudget;
  /** Rights of the pods beyond those of any container, with reasons. */
  readonly access: PodAccess;
  /** One entry for a single-pod group, else leader then worker. */
  readonly workloads: readonly RoleWorkload[];
  readonly notes: readonly Note[];
}

export interface RefusedGroup {
  readonly kind: 'refused';
  readonly name: string;
  readonly spec: GroupSpec;
  readonly reasons: readonly Reason[];
  /** Present when the arithmetic could be done. */
  readonly memory?: RankMemory;
}

export interface PodLayout {
  /** Worker index in the group; 0 is the leader. */
  readonly index: number;
  readonly role: Role;
  readonly ranks: readonly RankLayout[];
}

export interface RankLayout {
  /** Global rank in the group, `data * tensor * pipeline` of them. */
  readonly rank: number;
  readonly dataRank: number;
  readonly tensorRank: number;
  readonly pipelineRank: number;
  /** Local device index on the node. */
  readonly device: number;
}

/** Arithmetic behind the start-up probe; seconds. */
export interface StartupBudget {
  /** Bytes one node reads to load its ranks. */
  readonly readBytesPerNode: number;
  readonly readBytesPerSecond: number;
  readonly loadSeconds: number;
  /** Kernel warm-up, compilation and graph capture. */
  readonly warmUpSeconds: number;
  /** Allowance over the sum of the two. */
  readonly safetyFactor: number;
  /** Least that is allowed however fast the storage is. */
  readonly minimumSeconds: number;
  /** What the probe and the engine's own time-out allow: the sum times the factor, or the minimum. */
  readonly budgetSeconds: number;
  readonly source: string;
}
