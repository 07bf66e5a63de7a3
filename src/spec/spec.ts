import type { EngineId } from '../catalog/index.ts';
import type { CacheLayout } from './schema-memory.ts';

/** The user's file, validated, with defaults filled in. Plain data; see `schema.ts` for the YAML. */
export interface Spec {
  readonly apiVersion: 'dsdeploy/v1';
  /** DNS-1035 label; prefix of every object and value of the `app.kubernetes.io/instance` label. */
  readonly name: string;
  readonly namespace: string;
  /** Whether dsdeploy makes and owns the namespace. */
  readonly createNamespace: boolean;
  readonly model: ModelSpec;
  readonly pools: readonly PoolSpec[];
  readonly groups: readonly GroupSpec[];
  readonly api: ApiSpec;
  readonly observability: ObservabilitySpec;
}

export interface ModelSpec {
  /** A catalog id, for example `deepseek-ai/DeepSeek-V3.2`. */
  readonly id: string;
  readonly revision?: string;
  readonly weights: WeightsSpec;
}

export interface WeightsSpec {
  readonly source: WeightsSource;
  /** Sustained sequential read of one node from this source, bytes per second. A site value. */
  readonly readBytesPerSecond: number;
}

export type WeightsSource =
  | { readonly kind: 'pvc'; readonly claimName: string; readonly subPath?: string }
  | { readonly kind: 'hostPath'; readonly path: string }
  | { readonly kind: 'image'; readonly reference: string; readonly subPath?: string };

export interface PoolSpec {
  readonly name: string;
  /** A catalog id, for example `h200`. */
  readonly accelerator: string;
  readonly nodes: number;
  readonly devicesPerNode: number;
  /** Extended resource of one device, for example `nvidia.com/gpu`. */
  readonly deviceResource: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly fabric: FabricSpec;
  readonly pod: PodResources;
  /** Node label that names a topology domain a group must stay inside, for example a rack. */
  readonly topologyKey?: string;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  readonly tolerationSeconds?: number;
}

export interface FabricSpec {
  /** Interface(s) for Gloo / NCCL bootstrap, for example `eth0`. Required when a group spans nodes. */
  readonly socketInterface?: string;
  /** RDMA devices, or `none` for plain TCP said on purpose. Required when a group spans nodes. */
  readonly rdma?: RdmaSpec | 'none';
  /** Secondary networks of each pod, for example one per RDMA rail; `namespace/name` each. */
  readonly networks?: readonly string[];
  readonly hostNetwork: boolean;
}

export interface RdmaSpec {
  /** Extended resource, for example `rdma/rdma_shared_device_a`. */
  readonly resource: string;
  /** Devices per pod. */
  readonly count: number;
  /** `NCCL_IB_HCA` value, for example `mlx5_0,mlx5_1`. */
  readonly hcas?: string;
  readonly linkLayer: 'infiniband' | 'roce';
  /** `NCCL_IB_GID_INDEX`; required for `roce`. */
  readonly gidIndex?: number;
}

/** Requests and limits of one engine pod, Kubernetes quantities. */
export interface PodResources {
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorage: string;
  readonly sharedMemory: string;
}

export interface Parallelism {
  readonly tensor: number;
  readonly data: number;
  readonly pipeline: number;
  /** Experts spread over all tensor x data ranks instead of being cut by tensor parallelism. */
  readonly expert: boolean;
}

/**
 * `internal`: the leader takes every request and hands it to any rank. `hybrid`: every pod takes
 * requests for its own ranks. `multi-port`: every rank has its own port, for a router that knows them.
 */
export type LoadBalancing = 'internal' | 'hybrid' | 'multi-port';

export interface GroupSpec {
  readonly name: string;
  readonly engine: EngineId;
  /** Engine release, a catalog id such as `0.33.0`. */
  readonly release: string;
  /** Full image reference that replaces the catalog's. */
  readonly image?: string;
  readonly imagePullSecrets: readonly string[];
  /** Name of a pool. */
  readonly pool: string;
  /** Nodes one group (one copy of the model) spans. */
  readonly nodes: number;
  readonly parallelism: Parallelism | 'auto';
  /** What `auto` looks for; evidence first and then throughput when absent. */
  readonly objective?: Objective;
  /** Number of groups, each a full copy of the model. */
  readonly replicas: number;
  /** Groups added on spare nodes while an update rolls out; 0 replaces one at a time. */
  readonly surge: number;
  readonly contextTokens: number;
  /** KV cache element type. */
  readonly kvCache: 'bf16' | 'fp8';
  /** Fraction of device memory the engine may use; the release's default when absent. */
  readonly memoryUtilization?: number;
  /** Facts about memory that replace computed ones. */
  readonly memory?: MemorySpec;
  /** Tokens batched in one step; the engine's default when absent. */
  readonly maxBatchedTokens?: number;
  /** Requests served at once per data-parallel rank; the engine's default when absent. */
  readonly maxSequences?: number;
  /** Draft tokens of the MTP module; 0 turns it off. */
  readonly mtpTokens: number;
  /** Who spreads requests over data-parallel ranks; more than `internal` only with vLLM. */
  readonly loadBalancing: LoadBalancing;
  /** Copies of busy experts over all ranks of a group; above 0 experts are balanced (EPLB). */
  readonly redundantExperts: number;
  /** All-to-all backend of the expert layers by the engine's own name, or `auto`. */
  readonly allToAll: string;
  readonly extraArgs: readonly string[];
  readonly extraEnv: Readonly<Record<string, string>>;
}

/** What a layout is chosen for. */
export type Objective = 'throughput' | 'latency' | LimitsObjective;

/** Limits to keep on the fewest nodes; times are medians. */
export interface LimitsObjective {
  readonly tpotMs?: number;
  readonly ttftMs?: number;
  /** Requests in flight over all copies of the group. */
  readonly concurrency: number;
  /** Longest request the layout must hold; the group's when absent. */
  readonly contextTokens?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

export interface MemorySpec {
  readonly measured?: MeasuredMemorySpec;
  /** What a published log states; a group with it is shown by `fit` and not deployed. */
  readonly replay?: ReplaySpec;
}

/** Lines of a start-up log in place of computed values, bytes of one rank. */
export interface MeasuredMemorySpec {
  readonly deviceBytes?: number;
  readonly freeDeviceBytes?: number;
  readonly weightsBytes?: number;
  readonly overheadBytes?: number;
}

export interface ReplaySpec {
  readonly release?: string;
  readonly blockTokens?: number;
  readonly cacheLayout?: CacheLayout;
}

export interface ApiSpec {
  readonly port: number;
  /** Secret that holds the API key, or `none` for an open endpoint said on purpose. */
  readonly keySecret: SecretKeyRef | 'none';
  readonly servedModelNames: readonly string[];
  readonly sampling: { readonly temperature: number; readonly topP: number };
  /** Whether requests think unless they say otherwise. */
  readonly thinking: boolean;
  /** Who may call the port, as NetworkPolicy peers; same namespace always may. */
  readonly allowFrom: readonly ApiClient[];
  /** Seconds a terminating leader may finish running requests. */
  readonly drainSeconds: number;
  /**
   * Seconds a connection that nobody uses stays open.
   *
   * @default - the engine's own, 5 s
   */
  readonly idleTimeoutSeconds?: number;
  /**
   * Seconds a request may wait for a place, and then run.
   *
   * @default - without limit
   */
  readonly requestTimeoutSeconds?: number;
}

export interface SecretKeyRef {
  readonly name: string;
  readonly key: string;
  /** Whether apply makes the Secret with a random key when it is absent. */
  readonly generate: boolean;
}

export interface ApiClient {
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly cidr?: string;
}

export interface ObservabilitySpec {
  /** Whether pods carry scrape annotations. */
  readonly metrics: boolean;
  /** Whether a PodMonitor of the Prometheus Operator scrapes every pod that serves. */
  readonly podMonitor: boolean;
  /** Whether a PrometheusRule with alerts is made. */
  readonly alerts: boolean;
  /** Whether a Grafana dashboard is made per engine, as a ConfigMap for its sidecar. */
  readonly dashboard: boolean;
  /** Labels of PodMonitor and PrometheusRule, by which a Prometheus chooses them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Time to first token that 19 of 20 requests should keep. */
  readonly ttftTargetSeconds: number;
  /** Time between two tokens that 19 of 20 should keep. */
  readonly itlTargetSeconds: number;
}
