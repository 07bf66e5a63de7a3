import type { Layout } from '../../layout/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { dumpYaml, renderManifests } from '../../render/index.ts';
import { type Spec, toSpecFile } from '../../spec/index.ts';
import type { PlanRequest } from '../plan/index.ts';

/**
 * What a plan needs to know of a layout in which every group is placed.
 *
 * @param manifests - the objects of an earlier revision, in place of what the layout renders now.
 */
export function toPlanRequest(
  layout: Layout,
  manifests: readonly Manifest[] = renderManifests(layout),
): PlanRequest & { readonly keySecret?: string } {
  const { name, namespace, createNamespace, api } = layout.spec;
  const loadSeconds = layout.groups.flatMap((group) =>
    group.kind === 'placed'
      ? [[group.objectName, group.startup.loadSeconds + group.startup.warmUpSeconds] as const]
      : [],
  );
  return {
    deployment: { name, namespace },
    manifests,
    createNamespace,
    loadSeconds: Object.fromEntries(loadSeconds),
    ...(api.keySecret === 'none' ? {} : { keySecret: api.keySecret.name }),
  };
}

/** A spec as YAML, every default written out; equal specs give equal text. */
export function dumpSpec(spec: Spec): string {
  return dumpYaml(toSpecFile(spec));
}
