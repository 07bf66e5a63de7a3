import type { Layout } from '../layout/index.ts';
import { type Manifest, sortKeys, sortManifests } from '../manifest/index.ts';
import { buildApp } from './build-app.ts';

/**
 * Renders a layout as Kubernetes objects in apply order, their keys sorted; equal layouts give equal
 * bytes.
 *
 * @throws DsdeployError `LAYOUT_REFUSED` when a group does not fit.
 */
export function renderManifests(layout: Layout): Manifest[] {
  const objects: unknown[] = buildApp(layout).charts.flatMap((chart): unknown[] => chart.toJson());
  return sortManifests(objects.map(toManifest));
}

function toManifest(object: unknown): Manifest {
  const sorted = sortKeys(object);
  if (!isManifest(sorted)) throw new Error(`not a Kubernetes object: ${JSON.stringify(sorted)}`);
  return sorted;
}

function isManifest(value: unknown): value is Manifest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'apiVersion' in value &&
    'kind' in value &&
    'metadata' in value
  );
}
