import {
  type AcceleratorRow,
  type EngineReleaseRow,
  findAccelerator,
  findModel,
  findRelease,
  type ModelRow,
} from '../catalog/index.ts';
import { type Engine, engines } from '../engines/index.ts';
import { DsdeployError } from '../errors/index.ts';
import type { GroupSpec, PoolSpec, Spec } from '../spec/index.ts';

/** The catalog rows and the pool behind one group. */
export interface GroupFacts {
  readonly group: GroupSpec;
  readonly pool: PoolSpec;
  readonly model: ModelRow;
  readonly accelerator: AcceleratorRow;
  readonly release: EngineReleaseRow;
  readonly engine: Engine;
}

/**
 * Looks up what a group refers to by name.
 *
 * @throws DsdeployError `INTERNAL`: the rules of the spec have checked these names already.
 */
export function groupFacts(spec: Spec, group: GroupSpec): GroupFacts {
  const pool = spec.pools.find(({ name }) => name === group.pool);
  const model = findModel(spec.model.id);
  const release = findRelease(group.engine, group.release);
  const accelerator = pool === undefined ? undefined : findAccelerator(pool.accelerator);
  if (
    pool === undefined ||
    model === undefined ||
    release === undefined ||
    accelerator === undefined
  ) {
    throw new DsdeployError('INTERNAL', 'Cannot plan the layout: a name is not in the catalog', {
      subject: `groups[${group.name}]`,
    });
  }
  return { group, pool, model, accelerator, release, engine: engines[group.engine] };
}
