import type { FitRank, KvLayout, StepSettings } from '../capacity/index.ts';
import type {
  AcceleratorRow,
  EngineReleaseRow,
  ModelAbilities,
  ModelRow,
} from '../catalog/index.ts';
import type { ApiSpec, GroupSpec, Parallelism, PoolSpec } from '../spec/index.ts';
import type { PodAccess } from './pod-access.ts';
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
  /** Of attention: `tensor x data x pipeline` is the number of devices of a group. */
  readonly parallelism: Parallelism;
  /** Pods of one group, one per node. */
  readonly podsPerGroup: number;
  readonly devicesPerPod: number;
  /** Directory of the weights inside the container. */
  readonly modelPath: string;
  /** Seconds a group may take from container start to ready. */
  readonly startupBudgetSeconds: number;
}

/** What is known of a group before its parallel layout is chosen. */
export type GroupQuestion = Pick<
  EngineRequest,
  'model' | 'accelerator' | 'release' | 'group' | 'pool' | 'api'
>;

/** The part of a request that decides whether a layout is legal and what memory it needs. */
export type LayoutQuestion = GroupQuestion &
  Pick<EngineRequest, 'parallelism' | 'podsPerGroup' | 'devicesPerPod'>;

/** What the user's own arguments and environment are held against. */
export type ExtrasQuestion = GroupQuestion & Pick<EngineRequest, 'startupBudgetSeconds'>;

/** What an engine knows that nobody else may: one folder of `src/engines` exports one of these. */
export interface Engine {
  /** Vendors whose devices it runs on. */
  readonly vendors: readonly AcceleratorRow['vendor'][];
  /** Memory arithmetic of the engine. */
  readonly fit: FitRank;
  /** Fraction of device memory the release uses when nobody says otherwise. */
  defaultUtilization(question: LayoutQuestion): number;
  kvLayout(question: LayoutQuestion): KvLayout;
  /** Tokens per cache block. */
  blockTokens(question: LayoutQuestion): number;
  /** Requests one data rank runs at once, as the group says or by the engine's own limit; the rest wait. */
  maxSequences(question: LayoutQuestion): number;
  /** What one step holds; without it memory is planned with a round overhead. */
  stepSettings?(question: LayoutQuestion): StepSettings | undefined;
  /**
   * Layouts with evidence on this hardware, best first: `auto` takes the first that is legal and
   * fits, before it searches.
   */
  preferredLayouts(question: GroupQuestion & { readonly podsPerGroup: number }): Parallelism[];
  readonly rankOrder: RankOrder;
  /** Rules the parallel layout breaks; empty when it is legal. */
  checkLayout(question: LayoutQuestion): Reason[];
  /**
   * Rules that hold whatever the layout: the user's own arguments and environment, and what the
   * release and the device can do at all.
   */
  checkExtras(question: ExtrasQuestion): Reason[];
  /** Rights of the pods beyond those of any container. */
  podAccess(request: EngineRequest): PodAccess;
  buildWorkloads(request: EngineRequest): RoleWorkload[];
  notes(request: EngineRequest): Note[];
  /** Kernel warm-up, compilation and graph capture. */
  readonly warmUp: { readonly seconds: number; readonly source: string };
  /** Phases of a start, in the order their lines appear in the log. */
  readonly logMilestones: readonly LogMilestone[];
  readonly metrics: MetricNames;
  /**
   * Where a server tells its own size, for engines whose metrics do not tell their ranks apart.
   *
   * @default - the metrics tell
   */
  readonly serverInfo?: ServerInfo;
  /**
   * Seconds after which `/health` has answered for sure, for engines that let their ranks work for it.
   *
   * @default - it is a page, and there at once
   */
  healthTimeoutSeconds?(group: GroupSpec): number;
  /** What the API of a model can do behind this engine. */
  abilities(model: ModelRow): ModelAbilities;
  /** Field of an answer's message that holds the thoughts. */
  readonly reasoningField: ReasoningField;
  /** Whether a request for a model name that is not served gets an error. */
  readonly checksModelName: boolean;
  /** Element types of the KV cache that the engine has on a device. */
  kvCaches(accelerator: AcceleratorRow): readonly GroupSpec['kvCache'][];
  /** Whether a server with these arguments reuses the cache of equal beginnings of prompts. */
  keepsPrefixes(args: readonly string[]): boolean;
}

/** A page of a server about itself; it is asked with the API key. */
export interface ServerInfo {
  readonly path: string;
  /** Reads the parsed body; `undefined` when it is another page. */
  readonly read: (body: unknown) => ServerSize | undefined;
}

/** How many ranks a server runs, by its own word. */
export interface ServerSize {
  /** Devices of one copy of the group. */
  readonly ranks: number;
  readonly dataRanks: number;
  /** Schedulers that answered for the page. */
  readonly states: number;
}

/**
 * Which ranks lie farthest apart: copies of the model with all their stages, or the stages, each with
 * its part of every copy.
 */
export type RankOrder = 'data-first' | 'pipeline-first';

export type ReasoningField = 'reasoning' | 'reasoning_content';

export interface LogMilestone {
  readonly phase: StartPhase;
  readonly pattern: RegExp;
}

export type StartPhase =
  | 'configured'
  | 'connected'
  | 'loading weights'
  | 'weights loaded'
  | 'warming up'
  | 'cache sized'
  | 'capturing graphs'
  | 'serving';

/** Prometheus names as the engine exports them; absent where it has no such metric. */
export interface MetricNames {
  /**
   * Label that tells the data-parallel ranks of a server apart.
   *
   * @default - the server exports only what its own node's first rank counts
   */
  readonly rankLabel?: string;
  readonly running: string;
  readonly waiting: string;
  /** Used share of the KV cache, 0 to 1. */
  readonly kvUsage: string;
  readonly prefixHits?: string;
  readonly prefixQueries?: string;
  /** Hit share, for engines that export no counts. */
  readonly prefixHitRate?: string;
  readonly promptTokens: string;
  readonly generationTokens: string;
  /** Histograms, seconds. */
  readonly timeToFirstToken: string;
  readonly interTokenLatency: string;
  readonly endToEndLatency: string;
  readonly queueTime?: string;
  readonly preemptions?: string;
  readonly draftTokens?: string;
  readonly acceptedTokens?: string;
  /** Mean accepted draft length, for engines that export no counts. */
  readonly acceptLength?: string;
}
