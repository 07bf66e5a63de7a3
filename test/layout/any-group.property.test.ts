import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type EngineReleaseRow,
  engineReleases,
  findAccelerator,
  findRelease,
} from '../../src/catalog/index.ts';
import { checkArguments, parseFlags } from '../../src/engines/argument-check.ts';
import {
  formatParallelism,
  type GroupLayout,
  type PlacedGroup,
  planLayout,
  type RefusedGroup,
} from '../../src/layout/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import type { GroupSpec, Parallelism, Spec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

const vendors = {
  vllm: ['h200', 'h200', 'mi355x', 'h100'],
  sglang: ['h200', 'mi355x', 'ascend-a2', 'ascend-a3'],
  'vllm-ascend': ['ascend-a2', 'ascend-a3'],
} as const;

const modelOn = (accelerator: string, engine: string): string => {
  if (!accelerator.startsWith('ascend')) return 'deepseek-ai/DeepSeek-V3.2';
  return engine === 'sglang' ? 'sgl-npu/DeepSeek-V3.2-W8A8' : 'vllm-ascend/DeepSeek-V3.2-W8A8';
};

/** Mostly what is usual, so that not every group is refused for one of many settings. */
function rarely<Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 7, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

/** Degrees that use all devices, and some that do not. */
function degreesOf(devices: number): fc.Arbitrary<Parallelism> {
  const whole = fc.constantFrom(1, 2, 4, 8, 16).map((tensor) => {
    const data = Math.max(1, Math.floor(devices / tensor));
    return { tensor, data, pipeline: 1, expert: data > 1 };
  });
  const degree = fc.integer({ min: 1, max: 20 });
  const any = fc.record({
    tensor: degree,
    data: degree,
    pipeline: rarely(1, 2, 3),
    expert: fc.boolean(),
  });
  return fc.oneof({ weight: 3, arbitrary: whole }, { weight: 1, arbitrary: any });
}

const oddArguments = [
  ['--enforce-eager'],
  ['--decode-context-parallel-size=8'],
  ['--prefill-context-parallel-size=2'],
  ['--additional-config={"enable_dsa_cp":true}'],
  ['--additional-config=[1]'],
  ['--additional-config.eplb_config.dynamic_eplb=true'],
  ['--watchdog-timeout', '600'],
  ['--=3'],
  ['-1'],
  ['--seed', '--'],
];

const anySpec: fc.Arbitrary<Spec> = fc
  .constantFrom(...engineReleases)
  .chain((release) =>
    fc.record({
      release: fc.constant(release),
      accelerator: fc.constantFrom(...vendors[release.engine]),
      nodes: fc.constantFrom(1, 1, 2, 2, 3, 4),
    }),
  )
  .chain(({ release, accelerator, nodes }) =>
    fc
      .record({
        accelerator: fc.constant(accelerator),
        nodes: fc.constant(nodes),
        hasRdma: fc.boolean(),
        parallelism: fc.oneof(
          fc.constant('auto' as const),
          degreesOf(devicesOf(accelerator) * nodes),
        ),
        contextTokens: rarely(8192, 1, 131_072, 200_000),
        kvCache: rarely<GroupSpec['kvCache']>('bf16', 'fp8'),
        mtpTokens: fc.constantFrom(0, 0, 1, 3),
        maxSequences: rarely(64, 1, 256),
        loadBalancing: rarely<GroupSpec['loadBalancing']>('internal', 'hybrid', 'multi-port'),
        redundantExperts: rarely(0, 32, 7),
        // Whichever engine has them.
        allToAll: rarely('auto', 'deepep', 'deepep_low_latency', 'mori'),
        extraArgs: rarely<readonly string[]>([], ...oddArguments),
      })
      .map((given) => specOf(release, given)),
  );

function devicesOf(accelerator: string): number {
  return findAccelerator(accelerator)?.devicesPerNode ?? 8;
}

function specOf(
  { engine, version }: EngineReleaseRow,
  {
    accelerator,
    hasRdma,
    ...group
  }: Partial<GroupSpec> & { readonly accelerator: string; readonly hasRdma: boolean },
): Spec {
  const pool = aPool({
    name: 'pool',
    accelerator,
    nodes: 64,
    devicesPerNode: devicesOf(accelerator),
  });
  const rdma = hasRdma ? pool.fabric.rdma : 'none';
  return aSpec({
    model: { ...aSpec().model, id: modelOn(accelerator, engine) },
    pools: [rdma === undefined ? pool : { ...pool, fabric: { ...pool.fabric, rdma } }],
    groups: [
      aGroup({ engine, release: version, pool: 'pool', image: 'r.example/engine:1', ...group }),
    ],
  });
}

function onlyGroup(spec: Spec): GroupLayout {
  const [group] = planLayout(spec).groups;
  if (group === undefined) throw new Error('no group');
  return group;
}

function checkRefused({ reasons }: RefusedGroup): void {
  expect(reasons.length).toBeGreaterThan(0);
  for (const { code, message, hint, source } of reasons) {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
    expect([message, hint, source].every((text) => text.length > 3)).toBe(true);
    expect(`${message} ${hint}`).not.toMatch(/undefined|NaN|Infinity|\[object/);
  }
}

const advice =
  /(?:With (?<settings>[^.]*?) the|The|on (?<nodes>\d+) of them) (?:nearest layout that works is )?(?<layout>TP\d+.*?)(?: does)?\.(?: |$)/;

/** The spec with what the hints of a refusal advise, when they advise a layout. */
function advised(spec: Spec, { reasons }: RefusedGroup): Spec | undefined {
  const [group] = spec.groups;
  const found = reasons.map(({ hint }) => advice.exec(hint)?.groups).find(Boolean);
  if (found === undefined || group === undefined) return undefined;
  const { settings, nodes, layout = '' } = found;
  const changes = (settings?.split(' and ') ?? []).map((text) => text.split(': '));
  const change = Object.fromEntries(
    changes.map(([key = '', value = '']) => [
      key === 'context' ? 'contextTokens' : key,
      /^\d+$/.test(value) ? Number(value) : value,
    ]),
  );
  const parallelism = readParallelism(layout);
  expect(formatParallelism(parallelism)).toBe(layout);
  const next = { ...group, ...change, nodes: Number(nodes ?? group.nodes), parallelism };
  return { ...spec, groups: [next] };
}

function readParallelism(text: string): Parallelism {
  const degree = (letters: string) =>
    Number(new RegExp(`\\b${letters}(\\d+)`).exec(text)?.[1] ?? 1);
  return {
    tensor: degree('TP'),
    data: degree('DP'),
    pipeline: degree('PP'),
    expert: /\bEP\d+/.test(text),
  };
}

/** Flags that may differ between the pods of a group: who it is, and what only a server has. */
const ofOnePod =
  /^--(headless|node-rank|data-parallel-(start-)?rank|port|host|served-model-name|api-|.*tool|default-chat|override-generation|shutdown|disable-access|enable-prompt|enable-auto|data-parallel-supervisor|data-parallel-(hybrid|multi)|uvicorn|sampling|.*metrics|.*report|chat-template|reasoning-parser|log-)/;

function checkPlaced(group: PlacedGroup): void {
  const { parallelism, podsPerGroup, devicesPerPod, workloads, pods, startup } = group;
  const { tensor, data, pipeline } = parallelism;
  expect(tensor * data * pipeline).toBe(podsPerGroup * devicesPerPod);
  expect(pods.flatMap(({ ranks }) => ranks)).toHaveLength(tensor * data * pipeline);
  expect(startup.budgetSeconds).toBeGreaterThanOrEqual(startup.loadSeconds + startup.warmUpSeconds);
  const release = findRelease(group.spec.engine, group.spec.release);
  if (release === undefined) throw new Error('no release');
  for (const { args, ports, probes } of workloads) {
    expect(checkArguments(args.slice(1), release)).toEqual([]);
    const numbers = ports.map(({ port }) => port);
    expect(new Set(numbers).size).toBe(numbers.length);
    if (probes === undefined) continue;
    const { periodSeconds, failureThreshold } = probes.startup;
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(startup.budgetSeconds);
  }
  const shared = workloads.map(({ args }) =>
    parseFlags(args.slice(1))
      .filter(({ flag }) => !ofOnePod.test(flag))
      .map(({ flag, values }) => [flag, ...values].join(' '))
      .toSorted(),
  );
  for (const flags of shared) expect(flags).toEqual(shared[0]);
}

describe('whatever a group asks for', () => {
  test('it is placed as its engine can run it, or refused with reasons and advice that holds', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const group = onlyGroup(spec);
        if (group.kind === 'refused') {
          checkRefused(group);
          const next = advised(spec, group);
          if (next !== undefined) expect(onlyGroup(next)).toMatchObject({ kind: 'placed' });
          return;
        }
        checkPlaced(group);
        const names = renderManifests(planLayout(spec)).map(({ metadata }) => metadata.name);
        expect(Math.max(...names.map(({ length }) => length))).toBeLessThanOrEqual(63);
      }),
      { numRuns: 1000, seed: 20_261_124 },
    );
  }, 120_000);
});
