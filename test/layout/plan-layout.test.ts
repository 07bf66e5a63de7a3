import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatParallelism, type PlacedGroup, planLayout } from '../../src/layout/index.ts';
import type { GroupSpec, Parallelism } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';
import { readSpec } from '../render/golden-files.ts';

function placed(group: Partial<GroupSpec> = {}): PlacedGroup {
  const [layout] = planLayout(aSpec({ groups: [aGroup(group)] })).groups;
  if (layout?.kind !== 'placed') throw new Error(`refused: ${JSON.stringify(layout)}`);
  return layout;
}

function refusal(group: Partial<GroupSpec>): { codes: string[]; hints: string } {
  const [layout] = planLayout(aSpec({ groups: [aGroup(group)] })).groups;
  if (layout?.kind !== 'refused') throw new Error('the layout was placed');
  return {
    codes: layout.reasons.map(({ code }) => code),
    hints: layout.reasons.map(({ hint }) => hint).join(' '),
  };
}

const parallel = (tensor: number, data: number, rest: Partial<Parallelism> = {}): Parallelism => ({
  tensor,
  data,
  pipeline: 1,
  expert: data > 1,
  ...rest,
});

describe('planLayout() of DP16 + EP16 on two nodes of 8 x H200', () => {
  test('places eight ranks on each node, the leader first', () => {
    const { pods } = placed();
    expect(pods.map(({ role }) => role)).toEqual(['leader', 'worker']);
    expect(pods.map(({ ranks }) => ranks.map(({ rank }) => rank))).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [8, 9, 10, 11, 12, 13, 14, 15],
    ]);
  });

  test('needs 58.57 GiB of weights per rank and leaves room for full contexts', () => {
    const { memory } = placed();
    expect((memory.weightsBytesPerRank / 2 ** 30).toFixed(2)).toBe('58.57');
    expect(memory.fullContextSequencesPerGroup).toBeGreaterThanOrEqual(16);
  });

  test('is told to be narrow when it fits by less than such sums have been off', () => {
    const notes = (context: number) =>
      placed({ nodes: 1, parallelism: parallel(1, 8), contextTokens: context }).notes.filter(
        ({ code }) => code === 'MEMORY_NARROW',
      );
    expect(notes(8192)).toEqual([]);
    expect(notes(81_920)).toEqual([
      {
        code: 'MEMORY_NARROW',
        level: 'warning',
        message: expect.stringMatching(
          /^fits with [\d.]+ GiB to spare in each rank, and \d+ published logs of such layouts were off by up to 4\.60 GiB: /,
        ) as string,
      },
    ]);
  });

  test('computes the start-up budget from bytes and read bandwidth', () => {
    const { startup } = placed();
    expect(startup.loadSeconds).toBe(345);
    expect(startup.budgetSeconds).toBe(3000);
    const slow = aSpec();
    const weights = { ...slow.model.weights, readBytesPerSecond: 2e8 };
    const [group] = planLayout({ ...slow, model: { ...slow.model, weights } }).groups;
    expect(group?.kind === 'placed' && group.startup.budgetSeconds).toBe(2 * (3448 + 600));
  });

  test.each<[what: string, row: string, seconds: number]>([
    ['h200', 'h200-sglang-1-node', 3000],
    ['mi355x, whose kernels are compiled at the first start', 'mi355x-vllm-1-node', 7200],
    ['mi355x with SGLang', 'mi355x-sglang-1-node', 7200],
    ['a3', 'a3-vllm-ascend-1-node', 3000],
  ])('gives %s the time others needed for such models', (_, row, seconds) => {
    const [group] = planLayout(readSpec(row)).groups;
    expect(group?.kind === 'placed' && group.startup).toMatchObject({
      minimumSeconds: seconds,
      budgetSeconds: seconds,
    });
  });

  test('is the same for equal specs', () => {
    expect(JSON.stringify(planLayout(aSpec()))).toBe(JSON.stringify(planLayout(aSpec())));
  });
});

describe('planLayout() with parallelism: auto', () => {
  test.each([
    { nodes: 1, expected: 'TP2 x DP4 + EP8' },
    { nodes: 2, expected: 'TP1 x DP16 + EP16' },
    { nodes: 4, expected: 'TP1 x DP32 + EP32' },
  ])('chooses $expected on $nodes nodes', ({ nodes, expected }) => {
    const spec = aSpec({
      pools: [aPool({ nodes })],
      groups: [aGroup({ nodes, parallelism: 'auto', kvCache: 'fp8' })],
    });
    const [group] = planLayout(spec).groups;
    expect(group?.kind === 'placed' && formatParallelism(group.parallelism)).toBe(expected);
    expect(group?.kind === 'placed' && group.chosenBy).toBe('auto');
  });
});

describe('planLayout() refuses', () => {
  test.each<{ why: string; group: Partial<GroupSpec>; code: string }>([
    {
      why: 'tensor 3',
      group: { parallelism: parallel(3, 5) },
      code: 'VLLM_HEADS_NOT_DIVISIBLE',
    },
    {
      why: 'devices that no node has',
      group: { parallelism: parallel(1, 32) },
      code: 'LAYOUT_DEVICES_EXCEED_NODE',
    },
    {
      why: 'a product that does not divide over the nodes',
      group: { parallelism: parallel(1, 15) },
      code: 'LAYOUT_DEVICES_NOT_DIVISIBLE',
    },
    {
      why: 'tensor 16 on one node',
      group: { nodes: 1, parallelism: parallel(16, 1) },
      code: 'LAYOUT_DEVICES_EXCEED_NODE',
    },
    {
      why: 'several ranks that each span nodes',
      group: { nodes: 4, parallelism: parallel(16, 2) },
      code: 'VLLM_RANK_SPANS_NODES',
    },
    {
      why: 'data parallelism that does not divide over nodes',
      group: { nodes: 2, parallelism: parallel(2, 3) },
      code: 'VLLM_DATA_NOT_DIVISIBLE',
    },
    {
      why: 'seven expert ranks',
      group: { nodes: 1, parallelism: parallel(1, 7) },
      code: 'VLLM_EXPERTS_NOT_DIVISIBLE',
    },
    {
      why: 'experts cut 32 ways without expert parallelism',
      group: { nodes: 4, parallelism: parallel(1, 32, { expert: false }) },
      code: 'VLLM_FP8_BLOCK',
    },
    {
      why: 'MTP with a pipeline',
      group: { nodes: 1, parallelism: parallel(4, 1, { pipeline: 2 }), mtpTokens: 1 },
      code: 'VLLM_MTP_WITH_PIPELINE',
    },
    {
      why: 'a context over the model limit',
      group: { contextTokens: 200_000 },
      code: 'LAYOUT_CONTEXT_TOO_LONG',
    },
    {
      why: 'weights that do not fit',
      group: { nodes: 1, parallelism: parallel(4, 1) },
      code: 'LAYOUT_DOES_NOT_FIT',
    },
    {
      why: 'an unknown engine argument',
      group: { extraArgs: ['--max-num-sequences', '64'] },
      code: 'ENGINE_ARGUMENT_UNKNOWN',
    },
    {
      why: 'an argument dsdeploy writes itself',
      group: { extraArgs: ['--data-parallel-start-rank', '0'] },
      code: 'ENGINE_ARGUMENT_OWNED',
    },
    {
      why: 'a wrong choice',
      group: { extraArgs: ['--moe-backend', 'deepep'] },
      code: 'ENGINE_ARGUMENT_CHOICE',
    },
    {
      why: 'an environment name vLLM no longer reads',
      group: { extraEnv: { VLLM_ALL2ALL_BACKEND: 'deepep_low_latency' } },
      code: 'ENGINE_ENV_REMOVED',
    },
  ])('$why with $code', ({ group, code }) => {
    expect(refusal(group).codes).toContain(code);
  });

  test('the nearest layout that works is named', () => {
    expect(refusal({ parallelism: parallel(1, 32) }).hints).toContain('The nearest layout');
  });

  test('a device that the engine does not run on', () => {
    const pool = aPool({ accelerator: 'ascend-a3', deviceResource: 'huawei.com/Ascend910' });
    const [group] = planLayout(aSpec({ pools: [{ ...pool, devicesPerNode: 16 }] })).groups;
    const codes = group?.kind === 'refused' ? group.reasons.map(({ code }) => code) : [];
    expect(codes).toContain('LAYOUT_ENGINE_UNSUPPORTED');
  });
});

describe('planLayout() invariants', () => {
  const degree = fc.constantFrom(1, 2, 3, 4, 6, 8, 16, 32);
  const anyGroup = fc.record({
    nodes: fc.constantFrom(1, 2, 3, 4),
    parallelism: fc.record({
      tensor: degree,
      data: degree,
      pipeline: fc.constantFrom(1, 2),
      expert: fc.boolean(),
    }),
    contextTokens: fc.integer({ min: 1, max: 163_840 }),
    kvCache: fc.constantFrom('bf16' as const, 'fp8' as const),
  });

  test('a placed group has tensor x data x pipeline ranks, each on its own device, and fits', () => {
    fc.assert(
      fc.property(anyGroup, (group) => {
        const pools = [aPool({ nodes: group.nodes })];
        const [layout] = planLayout(aSpec({ pools, groups: [aGroup(group)] })).groups;
        if (layout?.kind !== 'placed') return;
        const { tensor, data, pipeline } = layout.parallelism;
        const ranks = layout.pods.flatMap((pod) => pod.ranks.map((rank) => ({ pod, rank })));
        expect(ranks).toHaveLength(tensor * data * pipeline);
        expect(new Set(ranks.map(({ rank }) => rank.rank)).size).toBe(ranks.length);
        expect(new Set(ranks.map(({ pod, rank }) => `${pod.index}/${rank.device}`)).size).toBe(
          ranks.length,
        );
        expect(layout.memory.kvTokensPerRank).toBeGreaterThanOrEqual(group.contextTokens);
      }),
    );
  });

  test('a refused group always says why and what to do', () => {
    fc.assert(
      fc.property(anyGroup, (group) => {
        const [layout] = planLayout(aSpec({ groups: [aGroup(group)] })).groups;
        if (layout?.kind !== 'refused') return;
        expect(layout.reasons.length).toBeGreaterThan(0);
        for (const reason of layout.reasons) {
          expect(reason.message).not.toMatch(/NaN|undefined|Infinity/);
          expect(reason.hint).toMatch(/\.$/);
        }
      }),
    );
  });
});
