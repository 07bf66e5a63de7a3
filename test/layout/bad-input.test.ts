import { describe, expect, test } from 'vitest';
import { planLayout, type Reason } from '../../src/layout/index.ts';
import type { ApiSpec, GroupSpec, PoolSpec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

interface Case {
  readonly api?: Partial<ApiSpec>;
  readonly why: string;
  readonly code: string;
  /** The value that is wrong. */
  readonly says: RegExp;
  /** What works instead. */
  readonly hint: RegExp;
  readonly model?: string;
  readonly group: Partial<GroupSpec>;
  readonly pool?: Partial<PoolSpec>;
}

const a3 = { accelerator: 'ascend-a3', devicesPerNode: 16, deviceResource: 'huawei.com/Ascend910' };
const onAscend = { engine: 'vllm-ascend', release: '0.23.0', nodes: 1 } as const;

function parallel(tensor: number, data: number, pipeline = 1) {
  return { tensor, data, pipeline, expert: data > 1 };
}

const cases: readonly Case[] = [
  {
    why: 'TP 3',
    code: 'VLLM_HEADS_NOT_DIVISIBLE',
    says: /tensor 3 .* 128/,
    hint: /nearest layout that works is TP4 x DP2 \+ EP8/,
    group: { nodes: 1, parallelism: parallel(3, 2) },
  },
  {
    why: 'TP16 on one node',
    code: 'LAYOUT_DEVICES_EXCEED_NODE',
    says: /needs 16 devices .* has 8/,
    hint: /nearest layout that works is TP8/,
    group: { nodes: 1, parallelism: parallel(16, 1) },
  },
  {
    why: 'a pipeline with MTP',
    code: 'VLLM_MTP_WITH_PIPELINE',
    says: /mtpTokens 1 with pipeline 2/,
    hint: /mtpTokens: 0.*nearest layout that works is TP16/,
    group: { parallelism: parallel(8, 1, 2), mtpTokens: 1 },
  },
  {
    why: 'BF16 on one A3',
    code: 'LAYOUT_DOES_NOT_FIT',
    says: /weights/,
    hint: /on (2|4) of them TP/,
    model: 'Modelers_Park/DeepSeek-V3.2-Exp-BF16',
    group: { ...onAscend, parallelism: parallel(8, 2), contextTokens: 8192 },
    pool: a3,
  },
  {
    why: 'FP8 on Ascend',
    code: 'LAYOUT_WEIGHT_FORMAT_UNSUPPORTED',
    says: /fp8-block128/,
    hint: /vllm-ascend\/DeepSeek-V3\.2-W8A8/,
    group: { ...onAscend, parallelism: parallel(8, 2) },
    pool: a3,
  },
  {
    why: 'W8A8 on NVIDIA',
    code: 'LAYOUT_WEIGHT_FORMAT_UNSUPPORTED',
    says: /w8a8/,
    hint: /deepseek-ai\/DeepSeek-V3\.2/,
    model: 'vllm-ascend/DeepSeek-V3.2-W8A8',
    group: {},
  },
  {
    why: 'MXFP4 on NVIDIA',
    code: 'LAYOUT_WEIGHT_FORMAT_UNSUPPORTED',
    says: /mxfp4/,
    hint: /MI350X or MI355X/,
    model: 'amd/DeepSeek-V3.2-mxfp4',
    group: {},
  },
  {
    why: 'experts over 7 ranks',
    code: 'VLLM_EXPERTS_NOT_DIVISIBLE',
    says: /256 experts .* 7/,
    hint: /nearest layout that works is TP2 x DP4 \+ EP8/,
    group: { nodes: 1, parallelism: parallel(1, 7) },
  },
  {
    why: 'more nodes than the pool has',
    code: 'LAYOUT_NODES_EXCEED_POOL',
    says: /4 nodes x 1 replicas is 4, .* has 2/,
    hint: /Lower nodes/,
    group: { nodes: 4, parallelism: parallel(1, 32) },
  },
  {
    why: 'a release without the flag',
    code: 'VLLM_LOAD_BALANCING_RELEASE',
    says: /0\.18\.1/,
    hint: /release 0\.2/,
    group: { release: '0.18.1', loadBalancing: 'multi-port' },
  },
  {
    why: 'data ranks that do not divide over the nodes',
    code: 'VLLM_DATA_NOT_DIVISIBLE',
    says: /data 3 .* 2 nodes/,
    hint: /nearest layout that works is TP/,
    group: { parallelism: parallel(2, 3) },
  },
  {
    why: 'an engine for other devices',
    code: 'LAYOUT_ENGINE_UNSUPPORTED',
    says: /vllm does not run on Huawei/,
    hint: /engine: vllm-ascend/,
    group: { nodes: 1 },
    pool: a3,
  },
  {
    why: 'a release without an image for the devices',
    code: 'LAYOUT_IMAGE_UNKNOWN',
    says: /vllm-ascend 0\.23\.0 .* 950DT/,
    hint: /groups\[\]\.image .*; no release of vllm-ascend has one for it/,
    model: 'vllm-ascend/DeepSeek-V3.2-W8A8',
    group: { ...onAscend, parallelism: parallel(8, 1) },
    pool: { accelerator: 'ascend-950dt' },
  },
  {
    why: 'a release without an image for the devices, where another has one',
    code: 'LAYOUT_IMAGE_UNKNOWN',
    says: /sglang 0\.5\.23 .* MI355X/,
    hint: /a release with a known one: 0\.5\.12/,
    group: { nodes: 1, engine: 'sglang', release: '0.5.23', parallelism: parallel(8, 1) },
    pool: { accelerator: 'mi355x', deviceResource: 'amd.com/gpu' },
  },
  {
    why: 'a context over that of the model',
    code: 'LAYOUT_CONTEXT_TOO_LONG',
    says: /200000 .* 163840/,
    hint: /163840/,
    group: { contextTokens: 200_000 },
  },
  {
    why: 'a /dev/shm as small as the default',
    code: 'LAYOUT_SHARED_MEMORY_SMALL',
    says: /64Mi/,
    hint: /32Gi/,
    group: {},
    pool: { pod: { ...aPool().pod, sharedMemory: '64Mi' } },
  },
  {
    why: 'an API port that the engine uses itself',
    code: 'LAYOUT_PORT_TAKEN',
    says: /port 13345 .* "http" by api\.port, and as "dp-rpc"/,
    hint: /api\.port: 8000/,
    group: {},
    api: { port: 13_345 },
  },
  {
    why: 'an API port without room for the ports of all ranks',
    code: 'LAYOUT_PORT_RANGE',
    says: /65530 is the first of 8 ports/,
    hint: /api\.port: 65528 or less/,
    group: { loadBalancing: 'multi-port' },
    api: { port: 65_530 },
  },
  {
    why: 'weights that fit on no such node',
    code: 'LAYOUT_DOES_NOT_FIT',
    says: /weights/,
    hint: /on 2 of them/,
    group: { nodes: 1, parallelism: 'auto' },
    pool: { accelerator: 'h100' },
  },
];

function reasonsOf({ model, group, pool, api }: Omit<Case, 'why' | 'code' | 'says' | 'hint'>) {
  const base = aSpec();
  const [layout] = planLayout({
    ...base,
    model: { ...base.model, id: model ?? base.model.id },
    api: { ...base.api, ...api },
    pools: [aPool(pool)],
    groups: [aGroup(group)],
  }).groups;
  return layout?.kind === 'refused' ? layout.reasons : ([] as readonly Reason[]);
}

describe('planLayout() refuses', () => {
  test.each(cases)(
    '$why with $code, the value and what works',
    ({ code, says, hint, ...given }) => {
      const reason = reasonsOf(given).find((candidate) => candidate.code === code);
      expect(reason?.message).toMatch(says);
      expect(reason?.hint).toMatch(hint);
      expect(reason?.source).not.toBe('');
    },
  );
});

describe('a hint', () => {
  test('names no number of nodes on which another setting would stand in the way', () => {
    const hints = (rdma: PoolSpec['fabric']['rdma'] = 'none') =>
      reasonsOf({
        group: { nodes: 1, parallelism: 'auto', allToAll: 'deepep_low_latency' },
        pool: { accelerator: 'h100', fabric: { ...aPool().fabric, rdma } },
      }).map(({ hint }) => hint);
    expect(hints().join()).toMatch(/With allToAll: auto|nor more of them/);
    expect(hints(aPool().fabric.rdma).join()).toMatch(/on 2 of them/);
  });
});

describe('a low API port', () => {
  const notesOf = (port: number, nodes: number) => {
    const base = aSpec();
    const parallelism = nodes === 1 ? parallel(2, 4) : parallel(1, 16);
    const groups = [aGroup({ nodes, parallelism, contextTokens: 8192 })];
    const [layout] = planLayout({ ...base, api: { ...base.api, port }, groups }).groups;
    if (layout?.kind !== 'placed') throw new Error(JSON.stringify(layout));
    return layout.notes.map(({ code }) => code);
  };

  test('is warned of where the engine does not run as root', () => {
    expect(notesOf(80, 1)).toContain('API_PORT_PRIVILEGED');
    expect(notesOf(8000, 1)).not.toContain('API_PORT_PRIVILEGED');
    // RDMA needs root.
    expect(notesOf(80, 2)).not.toContain('API_PORT_PRIVILEGED');
  });
});

describe('the hint of a cache that does not fit', () => {
  const hintOf = (given: Omit<Case, 'why' | 'code' | 'says' | 'hint'>) =>
    reasonsOf(given).find(({ code }) => code === 'LAYOUT_DOES_NOT_FIT')?.hint;

  test('names kvCache: fp8 where the engine has it and it is enough', () => {
    const parallelism = parallel(2, 4);
    const group = { nodes: 1, parallelism, contextTokens: 163_840, memoryUtilization: 0.82 };
    expect(hintOf({ group })).toMatch(
      /^Set context: \d+ or less, or kvCache: fp8, or use more nodes/,
    );
    expect(hintOf({ group: { ...group, memoryUtilization: 0.78 } })).not.toMatch(/fp8/);
  });

  test.each(['0.18.1', '0.33.0'])(
    'names the longest context that fits, with vLLM %s',
    (release) => {
      const group = { release, nodes: 1, parallelism: parallel(1, 8), contextTokens: 163_840 };
      const tokens = Number(/^Set context: (\d+) or less/.exec(hintOf({ group }) ?? '')?.[1]);
      expect(hintOf({ group: { ...group, contextTokens: tokens } })).toBeUndefined();
      expect(hintOf({ group: { ...group, contextTokens: tokens + 1024 } })).toBeDefined();
    },
  );

  test('does not name it on Ascend', () => {
    const hint = hintOf({
      model: 'vllm-ascend/DeepSeek-V3.2-W8A8',
      group: { ...onAscend, parallelism: parallel(8, 2), contextTokens: 131_072 },
      pool: a3,
    });
    expect(hint).toMatch(/^Set context: \d+ or less, or use more nodes/);
  });
});

describe('groups of two engines behind one Service', () => {
  const notesOf = (second: Partial<GroupSpec>, model = 'deepseek-ai/DeepSeek-V3.2') => {
    const base = aSpec();
    const layout = planLayout({
      ...base,
      model: { ...base.model, id: model },
      pools: [aPool({ nodes: 4 })],
      groups: [
        aGroup(),
        aGroup({ name: 'second', parallelism: 'auto', contextTokens: 65_536, ...second }),
      ],
    });
    return layout.groups.map((group) =>
      group.kind === 'placed'
        ? group.notes.filter(({ code }) => code.startsWith('API_MIXED')).map(({ code }) => code)
        : group.reasons.map(({ code }) => code),
    );
  };

  test('answer in different fields, for different names, up to different lengths', () => {
    expect(notesOf({ engine: 'sglang', release: '0.5.23' })).toEqual([
      [],
      ['API_MIXED_THOUGHTS', 'API_MIXED_NAMES', 'API_MIXED_CONTEXT'],
    ]);
  });

  test('have no thoughts to look for where the model has none', () => {
    const second = { engine: 'sglang', release: '0.5.23', contextTokens: 131_072 } as const;
    expect(notesOf(second, 'deepseek-ai/DeepSeek-V3')).toEqual([[], ['API_MIXED_NAMES']]);
  });

  test('of one engine differ in what the file says only', () => {
    expect(notesOf({})).toEqual([[], ['API_MIXED_CONTEXT']]);
    expect(notesOf({ contextTokens: 131_072 })).toEqual([[], []]);
  });
});
