import { readFileSync } from 'node:fs';
import { type Layout, planLayout } from '../src/layout/index.ts';
import { parseSpec } from '../src/spec/index.ts';

/** A template with groups of two nodes, open to everybody who asks. */
export function waitLayout(templatePath: string, replicas: number): Layout {
  const result = parseSpec(readFileSync(templatePath, 'utf8'), { fileName: templatePath });
  if (result.kind === 'issues') throw new Error(JSON.stringify(result.issues, null, 2));
  const { spec } = result;
  return planLayout({
    ...spec,
    namespace: 'bench-wait',
    api: { ...spec.api, keySecret: 'none' },
    pools: spec.pools.map((pool) => ({ ...pool, nodes: 2 * replicas })),
    groups: spec.groups.map((group) => ({ ...group, replicas })),
  });
}
