import type { EngineId } from '../catalog/index.ts';
import type { Engine } from './engine.ts';
import { sglang } from './sglang/index.ts';
import { vllm } from './vllm/index.ts';
import { vllmAscend } from './vllm-ascend/index.ts';

export type {
  Engine,
  EngineRequest,
  ExtrasQuestion,
  GroupQuestion,
  LayoutQuestion,
  LogMilestone,
  MetricNames,
  RankOrder,
  ReasoningField,
  ServerSize,
  StartPhase,
} from './engine.ts';
export type { HostPath, PodAccess } from './pod-access.ts';
export type { Note, Reason } from './reason.ts';
export {
  apiPortName,
  type ContainerPort,
  type EnvVar,
  type HttpProbe,
  type Role,
  type RoleWorkload,
} from './workload.ts';

/** Engines by id. */
export const engines: Readonly<Record<EngineId, Engine>> = {
  vllm,
  'vllm-ascend': vllmAscend,
  sglang,
};
