import type { AcceleratorRow } from './accelerator/accelerator-row.ts';
import { accelerators } from './accelerator.ts';
import type { EngineId, EngineReleaseRow } from './engine-release/release-row.ts';
import { engineReleases } from './engine-release.ts';
import type { ModelRow } from './model/model-row.ts';
import { models } from './model.ts';

export type { AcceleratorRow } from './accelerator/accelerator-row.ts';
export { blackwell } from './accelerator/blackwell.ts';
export { findEnvironment } from './engine-environment.ts';
export { type EngineRegistry, findRegistry } from './engine-registry.ts';
export type {
  EngineArgument,
  EngineId,
  EngineReleaseRow,
  ReleaseImage,
} from './engine-release/release-row.ts';
export { findArgument, findImage } from './engine-release.ts';
export type { GraphBytes } from './graph-memory.ts';
export {
  type LayoutClass,
  type MeasurementRow,
  measurements,
} from './measurement/index.ts';
export {
  findMemoryBehaviour,
  indexerLogitsCapBytes,
  memoryBehaviours,
} from './memory-behaviour.ts';
export type {
  ImageProfile,
  MemoryBehaviourRow,
  MemoryEngine,
  StaticReserve,
} from './memory-behaviour-row.ts';
export { memoryEvidence } from './memory-evidence.ts';
export type { ModelArchitecture, ModelRow, VisionTower } from './model/model-row.ts';
export { type ModelAbilities, type ModelFamily, modelAbilities } from './model-family.ts';
export { type TimeConstants, type TimeConstantsRow, timeConstants } from './time-constants.ts';
export {
  type TensorFormat,
  type WeightFormatId,
  weightFormats,
} from './weight-format.ts';
export { accelerators, engineReleases, models };

export function findModel(id: string): ModelRow | undefined {
  return models.find((row) => row.id === id);
}

export function findAccelerator(id: string): AcceleratorRow | undefined {
  return accelerators.find((row) => row.id === id);
}

export function findRelease(engine: EngineId, version: string): EngineReleaseRow | undefined {
  const id = `${engine}@${version}`;
  return engineReleases.find((row) => `${row.engine}@${row.version}` === id);
}
