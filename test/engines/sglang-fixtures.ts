import { type PlacedGroup, planLayout, type RefusedGroup } from '../../src/layout/index.ts';
import type { GroupSpec, Parallelism, PoolSpec, Spec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

/** What a case says about its spec; the rest is V3.2 on one or two nodes of H200. */
export interface SglangCase {
  readonly group?: Partial<GroupSpec>;
  readonly pool?: Partial<PoolSpec>;
  readonly api?: Partial<Spec['api']>;
  readonly model?: string;
}

export const h200 = {};
export const mi355x = { accelerator: 'mi355x', deviceResource: 'amd.com/gpu' };
export const a2 = { accelerator: 'ascend-a2', deviceResource: 'huawei.com/Ascend910' };
export const a3 = { ...a2, accelerator: 'ascend-a3', devicesPerNode: 16 };

/** Weights that Ascend devices compute with. */
export const w8a8 = 'sgl-npu/DeepSeek-V3.2-W8A8';

export function degrees(tensor: number, data = 1, rest: Partial<Parallelism> = {}): Parallelism {
  return { tensor, data, pipeline: 1, expert: false, ...rest };
}

export function planSglang({ group, pool, api, model }: SglangCase): PlacedGroup | RefusedGroup {
  const nodes = group?.nodes ?? 1;
  const spec = aSpec({
    pools: [aPool({ nodes, ...pool })],
    groups: [
      aGroup({
        engine: 'sglang',
        release: '0.5.23',
        nodes,
        parallelism: degrees(8 * nodes),
        ...group,
      }),
    ],
  });
  const [layout] = planLayout({
    ...spec,
    model: { ...spec.model, ...(model === undefined ? {} : { id: model }) },
    api: { ...spec.api, ...api },
  }).groups;
  if (layout === undefined) throw new Error('no group');
  return layout;
}

export function placed(sglangCase: SglangCase = {}): PlacedGroup {
  const layout = planSglang(sglangCase);
  if (layout.kind !== 'placed') throw new Error(`refused: ${JSON.stringify(layout.reasons)}`);
  return layout;
}

export function refused(sglangCase: SglangCase): RefusedGroup {
  const layout = planSglang(sglangCase);
  if (layout.kind !== 'refused') throw new Error('the layout was placed');
  return layout;
}

export function argsOf(layout: PlacedGroup, role = 'single'): readonly string[] {
  const workload = layout.workloads.find((candidate) => candidate.role === role);
  if (workload === undefined) throw new Error(`no ${role}`);
  return workload.args;
}

export function valueOf(args: readonly string[], flag: string): string | undefined {
  const index = args.indexOf(flag);
  return index < 0 ? undefined : args[index + 1];
}

/** Plain variables of a role by name; those from a Secret or a field are left out. */
export function variablesOf(layout: PlacedGroup, role = 'single'): Record<string, string> {
  const workload = layout.workloads.find((candidate) => candidate.role === role);
  return Object.fromEntries(
    (workload?.env ?? []).flatMap((variable) =>
      'value' in variable ? [[variable.name, variable.value]] : [],
    ),
  );
}

export function codesOf(notes: readonly { readonly code: string }[]): string[] {
  return notes.map(({ code }) => code);
}
