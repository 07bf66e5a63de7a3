import { type AcceleratorRow, accelerators } from './accelerator.ts';
import { type EngineId, type EngineReleaseRow, engineReleases } from './engine-release.ts';
import { type ModelRow, models } from './model.ts';

export type { AcceleratorRow } from './accelerator.ts';
export type { EngineArgument, EngineId, EngineReleaseRow } from './engine-release.ts';
export type { ModelArchitecture, ModelRow } from './model.ts';
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
