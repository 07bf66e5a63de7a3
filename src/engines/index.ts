import type { EngineId } from '../catalog/index.ts';
import type { Engine } from './engine.ts';
import { vllm } from './vllm/index.ts';

export type { Engine, EngineRequest, LayoutQuestion } from './engine.ts';
export type { Note, Reason } from './reason.ts';
export type { ContainerPort, EnvVar, HttpProbe, Role, RoleWorkload } from './workload.ts';

export const engines: Readonly<Record<EngineId, Engine>> = { vllm };
