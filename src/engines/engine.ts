import type { KvLayout } from '../capacity/index.ts';
import type { AcceleratorRow, EngineReleaseRow, ModelRow } from '../catalog/index.ts';
import type { ApiSpec, GroupSpec, Parallelism, PoolSpec } from '../spec/index.ts';
import type { Note, Reason } from './reason.ts';
import type { RoleWorkload } from './workload.ts';

/** One serving group as an engine needs to know it. */
export interface EngineRequest {
  readonly model: ModelRow;
  readonly accelerator: AcceleratorRow;
  readonly release: EngineReleaseRow;
  readonly group: GroupSpec;
  readonly pool: PoolSpec;
  readonly api: ApiSpec;
  readonly parallelism: Parallelism;
  /** Pods of one group, one per node. */
  readonly podsPerGroup: number;
  readonly devicesPerPod: number;
  /** Directory of the weights inside the container. */
  readonly modelPath: string;
  /** Seconds a group may take from container start to ready. */
  readonly startupBudgetSeconds: number;
}

/** What an engine knows that nobody else may: one folder of `src/engines` exports one of these. */
export interface Engine {
  /** Rules the parallel layout breaks; empty when it is legal. */
  checkLayout(request: LayoutQuestion): Reason[];
  /** Rules the user's own arguments and environment break. */
  checkExtras(request: Pick<EngineRequest, 'group' | 'release'>): Reason[];
  kvLayout(kvCache: GroupSpec['kvCache']): KvLayout;
  /** Tokens per cache block. */
  readonly blockTokens: number;
  /** Seconds for kernel warm-up, compilation and graph capture, with the source. */
  readonly warmUp: { readonly seconds: number; readonly source: string };
  buildWorkloads(request: EngineRequest): RoleWorkload[];
  notes(request: EngineRequest): Note[];
}

/** The part of a request that decides whether a layout is legal. */
export type LayoutQuestion = Pick<
  EngineRequest,
  'model' | 'accelerator' | 'release' | 'parallelism' | 'podsPerGroup' | 'devicesPerPod'
> & { readonly mtpTokens: number };
