import type { SiteProfileDocument } from '../capacity/index.ts';
import { findAccelerator, findModel, findRelease } from '../catalog/index.ts';
import { type Engine, engines, type GroupQuestion } from '../engines/index.ts';
import { DsdeployError } from '../errors/index.ts';
import type { GroupSpec, Spec } from '../spec/index.ts';

/** The catalog rows, the pool and the engine behind one group. */
export type GroupFacts = GroupQuestion & {
  readonly engine: Engine;
  /** What was measured on this site. */
  readonly profile?: SiteProfileDocument;
};

/** Where rows are looked up; tests and planners of hypothetical hardware bring their own. */
export interface LayoutCatalog {
  readonly findModel: typeof findModel;
  readonly findAccelerator: typeof findAccelerator;
  readonly findRelease: typeof findRelease;
  /** What `dsdeploy calibrate` found out about the site; it replaces values of the catalog. */
  readonly profile?: SiteProfileDocument;
}

export const builtInCatalog: LayoutCatalog = { findModel, findAccelerator, findRelease };

/** The catalog of dsdeploy with what is known of a site. */
export function siteCatalog(profile: SiteProfileDocument | undefined): LayoutCatalog {
  return profile === undefined ? builtInCatalog : { ...builtInCatalog, profile };
}

/**
 * Looks up what a group refers to by name.
 *
 * @throws DsdeployError `INTERNAL`: the rules of the spec have checked these names already.
 */
export function groupFacts(spec: Spec, group: GroupSpec, catalog: LayoutCatalog): GroupFacts {
  const pool = spec.pools.find(({ name }) => name === group.pool);
  const model = catalog.findModel(spec.model.id);
  const release = catalog.findRelease(group.engine, group.release);
  const accelerator = pool === undefined ? undefined : catalog.findAccelerator(pool.accelerator);
  const engine = engines[group.engine];
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
  const facts = { group, pool, model, accelerator, release, engine, api: spec.api };
  return catalog.profile === undefined ? facts : { ...facts, profile: catalog.profile };
}
