import type { Layout, PlacedGroup } from '../../src/layout/index.ts';
import { planLayout } from '../../src/layout/index.ts';
import { parseSpec, type Spec } from '../../src/spec/index.ts';
import { readRepositoryFile } from './repository-file.ts';

/** Spec of a template, parsed. */
export function aTemplateSpec(template: string): Spec {
  const fileName = `templates/${template}.yaml`;
  const result = parseSpec(readRepositoryFile(fileName), { fileName });
  if (result.kind === 'issues') throw new Error(JSON.stringify(result.issues));
  return result.spec;
}

/** Layout of two nodes of 8 x H200, with changes to its spec. */
export function aLayout(change: (spec: Spec) => Spec = (spec) => spec): Layout {
  return planLayout(change(aTemplateSpec('h200-vllm-2-nodes')));
}

/** The same layout with changes to its only group, which is not planned again. */
export function aLayoutOf(change: (group: PlacedGroup) => PlacedGroup): Layout {
  const layout = aLayout();
  return { ...layout, groups: [change(aPlacedGroup(layout))] };
}

export function aPlacedGroup({ groups }: Layout = aLayout()): PlacedGroup {
  const [group] = groups;
  if (group?.kind !== 'placed') throw new Error('the group of the fixture is not placed');
  return group;
}
