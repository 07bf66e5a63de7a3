import type { Layout } from '../../layout/index.ts';
import { renderManifests } from '../../render/index.ts';
import type { PlanRequest } from '../plan/index.ts';

/** What a plan needs to know of a layout in which every group is placed. */
export function toPlanRequest(layout: Layout): PlanRequest & { readonly keySecret?: string } {
  const { name, namespace, createNamespace, api } = layout.spec;
  const loadSeconds = layout.groups.flatMap((group) =>
    group.kind === 'placed'
      ? [[group.objectName, group.startup.loadSeconds + group.startup.warmUpSeconds] as const]
      : [],
  );
  return {
    deployment: { name, namespace },
    manifests: renderManifests(layout),
    createNamespace,
    loadSeconds: Object.fromEntries(loadSeconds),
    ...(api.keySecret === 'none' ? {} : { keySecret: api.keySecret.name }),
  };
}
