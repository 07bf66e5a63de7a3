import type { Layout } from '../../src/layout/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';
import { renderManifests } from '../../src/render/index.ts';

/** The only object of a kind, or the one with this name. */
export function find(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter(
    (manifest) => manifest.kind === kind && (name === undefined || manifest.metadata.name === name),
  );
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) {
    throw new Error(`${found.length} objects match ${kind} ${name ?? ''}`);
  }
  return first;
}

export function render(layout: Layout, kind: string, name?: string): Manifest {
  return find(renderManifests(layout), kind, name);
}

/** Value at a path of object keys and list indexes, `undefined` where it ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined,
    value,
  );
}

/** Pod spec of one role of the rendered LeaderWorkerSet. */
export function podSpec(layout: Layout, role: 'leader' | 'worker' = 'leader'): unknown {
  return at(template(layout, role), 'spec');
}

export function template(layout: Layout, role: 'leader' | 'worker' = 'leader'): unknown {
  const templates = at(render(layout, 'LeaderWorkerSet'), 'spec', 'leaderWorkerTemplate');
  return at(templates, 'leaderTemplate') === undefined
    ? at(templates, 'workerTemplate')
    : at(templates, `${role}Template`);
}

export function container(layout: Layout, role: 'leader' | 'worker' = 'leader'): unknown {
  return at(podSpec(layout, role), 'containers', 0);
}
