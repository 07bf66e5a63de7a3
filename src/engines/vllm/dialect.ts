import type { EngineRequest } from '../engine.ts';
import type { EnvVar } from '../workload.ts';

/** What differs between the devices vLLM runs on. */
export interface VllmDialect {
  /** Port of the data-parallel coordinator on the leader. */
  readonly rpcPort: number;
  /** Whether the image takes `--all2all-backend`, or chooses by itself. */
  readonly choosesAllToAll: boolean;
  /** Method of `--speculative-config` for the model's own MTP module. */
  readonly draftMethod: 'mtp' | 'deepseek_mtp';
  /** Arguments of cache, kernels and graphs, the same on all pods of a group. */
  modelArguments(request: EngineRequest): string[];
  /** Variables of the device and its caches. */
  deviceVariables(request: EngineRequest): EnvVar[];
  /** Variables of the network between the pods of a group. */
  networkVariables(request: EngineRequest): EnvVar[];
}
