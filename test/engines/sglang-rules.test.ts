import { describe, expect, test } from 'vitest';
import {
  a2,
  a3,
  argsOf,
  codesOf,
  degrees,
  mi355x,
  placed,
  refused,
  type SglangCase,
  w8a8,
} from './sglang-fixtures.ts';

const spread = { expert: true };
const fabric = { hostNetwork: false, socketInterface: 'eth0', rdma: 'none' } as const;

describe('SGLang refuses', () => {
  test.each<{ why: string; row: SglangCase; code: string }>([
    {
      why: 'tensor 3, which its own check accepts',
      row: { group: { parallelism: degrees(3) } },
      code: 'SGLANG_HEADS_NOT_DIVISIBLE',
    },
    {
      why: 'tensor 16 on one node, which its own check accepts',
      row: { group: { parallelism: degrees(16) } },
      code: 'LAYOUT_DEVICES_EXCEED_NODE',
    },
    {
      why: 'seven expert ranks',
      row: { group: { parallelism: degrees(1, 7, spread) } },
      code: 'SGLANG_EXPERTS_NOT_DIVISIBLE',
    },
    {
      why: 'redundant experts that do not divide',
      row: {
        group: {
          nodes: 2,
          parallelism: degrees(1, 16, spread),
          allToAll: 'deepep',
          redundantExperts: 8,
        },
      },
      code: 'SGLANG_EXPERTS_NOT_DIVISIBLE',
    },
    {
      why: 'experts cut 32 ways',
      row: { group: { nodes: 4, parallelism: degrees(32) } },
      code: 'SGLANG_FP8_BLOCK',
    },
    {
      why: 'dense layers cut 32 ways',
      row: { group: { nodes: 4, parallelism: degrees(1, 32, spread) } },
      code: 'SGLANG_DENSE_FP8_BLOCK',
    },
    {
      why: 'dense layers cut over some ranks',
      row: { group: { parallelism: degrees(8), extraArgs: ['--moe-dense-tp-size=4'] } },
      code: 'SGLANG_DENSE_RANKS',
    },
    {
      why: 'a way to dispatch where nothing is dispatched',
      row: {
        group: { parallelism: degrees(8), extraArgs: ['--ep-dispatch-algorithm=static'] },
      },
      code: 'SGLANG_DISPATCH_WITHOUT_ALL2ALL',
    },
    {
      why: 'overlap of two batches without traffic to hide',
      row: { group: { parallelism: degrees(8), extraArgs: ['--enable-two-batch-overlap'] } },
      code: 'SGLANG_OVERLAP_WITHOUT_TRAFFIC',
    },
    {
      why: 'prefill split over ranks in a group that decodes',
      row: { group: { parallelism: degrees(8), extraArgs: ['--enable-prefill-cp'] } },
      code: 'SGLANG_PREFILL_CONTEXT',
    },
    {
      why: 'drafts in a pipeline',
      row: { group: { parallelism: degrees(4, 1, { pipeline: 2 }), mtpTokens: 1 } },
      code: 'SGLANG_MTP_WITH_PIPELINE',
    },
    {
      why: 'two stages over three nodes',
      row: { group: { nodes: 3, parallelism: degrees(4, 3, { pipeline: 2 }) } },
      code: 'SGLANG_STAGES_OVER_NODES',
    },
    {
      why: 'drafts of a model without the module',
      row: { group: { mtpTokens: 1 }, model: 'moonshotai/Kimi-K2-Instruct' },
      code: 'SGLANG_MTP_MISSING',
    },
    {
      why: 'a memory fraction of 1, which its own check accepts',
      row: { group: { memoryUtilization: 1 } },
      code: 'SGLANG_MEMORY_FRACTION',
    },
    {
      why: 'a prefill that ends inside a page',
      row: { group: { maxBatchedTokens: 1000 } },
      code: 'SGLANG_PREFILL_PAGE',
    },
    {
      why: 'an FP8 cache on Ascend',
      row: { pool: a3, model: w8a8, group: { release: '0.5.16', kvCache: 'fp8' } },
      code: 'SGLANG_KV_CACHE',
    },
    {
      why: 'a backend that the release does not have',
      row: { group: { parallelism: degrees(1, 8, spread), allToAll: 'deepep_low_latency' } },
      code: 'SGLANG_ALL2ALL_UNKNOWN',
    },
    {
      why: "another vendor's backend",
      row: {
        pool: mi355x,
        group: { release: '0.5.12', parallelism: degrees(1, 8, spread), allToAll: 'deepep' },
      },
      code: 'SGLANG_ALL2ALL_VENDOR',
    },
    {
      why: 'a backend without spread experts',
      row: { group: { allToAll: 'deepep' } },
      code: 'SGLANG_ALL2ALL_WITHOUT_EXPERT',
    },
    {
      why: 'a backend over TCP',
      row: {
        pool: { fabric },
        group: { nodes: 2, parallelism: degrees(1, 16, spread), allToAll: 'deepep' },
      },
      code: 'SGLANG_ALL2ALL_WITHOUT_RDMA',
    },
    {
      why: 'redundant experts without spread ones',
      row: { group: { redundantExperts: 8 } },
      code: 'SGLANG_EPLB_WITHOUT_EXPERT',
    },
    {
      why: 'redundant experts without a backend',
      row: { group: { parallelism: degrees(1, 8, spread), redundantExperts: 8 } },
      code: 'SGLANG_EPLB_WITHOUT_ALL2ALL',
    },
    {
      why: 'more tokens in a step than DeepEP takes',
      row: {
        group: {
          parallelism: degrees(1, 8, spread),
          allToAll: 'deepep',
          maxSequences: 512,
          mtpTokens: 3,
        },
      },
      code: 'SGLANG_DISPATCH_TOKENS',
    },
    {
      why: 'a prefill larger than what MoRI is set up for',
      row: {
        pool: mi355x,
        group: {
          release: '0.5.12',
          parallelism: degrees(4, 2, spread),
          allToAll: 'mori',
        },
      },
      code: 'SGLANG_MORI_DISPATCH',
    },
    {
      why: 'a name with a colon',
      row: { api: { servedModelNames: ['deepseek:v3.2'] } },
      code: 'SGLANG_NAME_COLON',
    },
    {
      why: 'a load-balancing mode of vLLM',
      row: { group: { loadBalancing: 'hybrid' } },
      code: 'SGLANG_LOAD_BALANCING',
    },
    {
      why: 'a thinking default that the release would ignore',
      row: {
        group: { release: '0.5.12' },
        model: 'deepseek-ai/DeepSeek-V3.2-Exp',
        api: { thinking: true },
      },
      code: 'SGLANG_THINKING_DEFAULT',
    },
    {
      why: 'half of a pair',
      row: { group: { extraArgs: ['--disaggregation-mode=prefill'] } },
      code: 'SGLANG_DISAGGREGATED',
    },
    {
      why: 'the other half',
      row: { group: { extraArgs: ['--disaggregation-mode', 'decode'] } },
      code: 'SGLANG_DISAGGREGATED',
    },
    {
      why: 'an API port among those of the ranks',
      row: { group: { nodes: 2 }, api: { port: 20_001 } },
      code: 'SGLANG_PORT_TAKEN',
    },
    {
      why: 'FP8 weights on Ascend',
      row: { pool: a2, group: { nodes: 2, release: '0.5.16' } },
      code: 'LAYOUT_WEIGHT_FORMAT_UNSUPPORTED',
    },
    {
      why: 'a release without an image for the device',
      row: { pool: mi355x },
      code: 'LAYOUT_IMAGE_UNKNOWN',
    },
    {
      why: 'more nodes than the pool has',
      row: { pool: { nodes: 1 }, group: { nodes: 2 } },
      code: 'LAYOUT_NODES_EXCEED_POOL',
    },
  ])('$why with $code', ({ row, code }) => {
    const { reasons } = refused(row);
    expect(codesOf(reasons)).toContain(code);
    for (const reason of reasons) {
      expect(reason.message).not.toMatch(/NaN|undefined|Infinity/);
      expect(reason.hint).toMatch(/\.$/);
      expect(reason.source).not.toBe('');
    }
  });
});

describe('SGLang takes', () => {
  test.each<{ why: string; row: SglangCase }>([
    {
      why: 'overlap of two batches with the traffic of data-parallel attention',
      row: { group: { parallelism: degrees(4, 2), extraArgs: ['--enable-two-batch-overlap'] } },
    },
    {
      why: 'overlap of two batches with the traffic of an all-to-all backend',
      row: {
        group: {
          parallelism: degrees(8, 1, spread),
          allToAll: 'deepep',
          extraArgs: ['--enable-two-batch-overlap', '--ep-dispatch-algorithm=static'],
        },
      },
    },
    {
      why: 'dense layers that are whole on every rank',
      row: { group: { parallelism: degrees(8), extraArgs: ['--moe-dense-tp-size', '1'] } },
    },
    {
      why: 'dense layers that are cut over all ranks',
      row: { group: { parallelism: degrees(8), extraArgs: ['--moe-dense-tp-size=8'] } },
    },
  ])('$why', ({ row }) => {
    expect(argsOf(placed(row))).toEqual(expect.arrayContaining([...(row.group?.extraArgs ?? [])]));
  });
});

describe('extraArgs', () => {
  test.each<{ args: string[]; code: string; release?: string; hint?: string }>([
    { args: ['--node-rank', '2'], code: 'ENGINE_ARGUMENT_OWNED', hint: 'groups[].nodes' },
    { args: ['--dist-init-addr', 'x:1'], code: 'ENGINE_ARGUMENT_OWNED' },
    { args: ['--nccl-init-addr', 'x:1'], code: 'ENGINE_ARGUMENT_OWNED' },
    { args: ['--tensor-parallel-size', '8'], code: 'ENGINE_ARGUMENT_OWNED' },
    { args: ['--ep=8'], code: 'ENGINE_ARGUMENT_OWNED' },
    { args: ['--mem-fraction-static', '1.5'], code: 'ENGINE_ARGUMENT_OWNED' },
    { args: ['--api-key', 'secret'], code: 'ENGINE_ARGUMENT_OWNED', hint: 'api.keySecret' },
    { args: ['--tensor-para', '8'], code: 'ENGINE_ARGUMENT_UNKNOWN' },
    { args: ['--stream-interval', 'many'], code: 'ENGINE_ARGUMENT_TYPE' },
    { args: ['--deepep-mode', 'fast'], code: 'ENGINE_ARGUMENT_CHOICE' },
    { args: ['fcfs'], code: 'ENGINE_ARGUMENT_POSITIONAL' },
    {
      args: ['--nsa-prefill-backend', 'fa3'],
      code: 'ENGINE_ARGUMENT_UNKNOWN',
      hint: 'Use --dsa-prefill-backend.',
    },
    {
      args: ['--dsa-decode-backend', 'fa3'],
      release: '0.5.12',
      code: 'ENGINE_ARGUMENT_UNKNOWN',
      hint: 'Use --nsa-decode-backend.',
    },
    {
      args: ['--cuda-graph-max-bs', '64'],
      code: 'ENGINE_ARGUMENT_UNKNOWN',
      hint: 'Use --cuda-graph-max-bs-decode.',
    },
    {
      args: ['--nsa-prefill-cp-mode', 'in-seq-split'],
      code: 'ENGINE_ARGUMENT_UNKNOWN',
      hint: 'Use --cp-strategy.',
    },
    {
      args: ['--enable-deepep-moe'],
      code: 'ENGINE_ARGUMENT_UNKNOWN',
      hint: 'Use groups[].allToAll: deepep.',
    },
  ])('$args is refused with $code', ({ args, code, release = '0.5.23', hint = '' }) => {
    const { reasons } = refused({ group: { extraArgs: args, release } });
    expect(reasons.find((reason) => reason.code === code)?.hint).toContain(hint);
  });
});

describe('extraEnv', () => {
  test.each<{ name: string; value?: string; code: string; hint: string; release?: string }>([
    { name: 'SGLANG_ENABLE_THINKING', code: 'ENGINE_ENV_UNKNOWN', hint: 'api.thinking' },
    {
      name: 'SGLANG_NSA_HIP_DISABLE_PRESHUFFLE',
      code: 'ENGINE_ENV_UNKNOWN',
      hint: 'SGLANG_DSA_HIP_DISABLE_PRESHUFFLE',
    },
    {
      name: 'SGLANG_DSA_HIP_DISABLE_PRESHUFFLE',
      release: '0.5.12',
      code: 'ENGINE_ENV_UNKNOWN',
      hint: 'SGLANG_NSA_HIP_DISABLE_PRESHUFFLE',
    },
    { name: 'SGL_CACHE_DIR', code: 'ENGINE_ENV_UNKNOWN', hint: 'SGLANG_CACHE_DIR' },
    { name: 'SGLANG_WARMUP_TIMEOUTS', code: 'ENGINE_ENV_UNKNOWN', hint: 'SGLANG_WARMUP_TIMEOUT' },
    { name: 'NCCL_SOCKET_IFNAME', code: 'ENGINE_ENV_OWNED', hint: 'socketInterface' },
    { name: 'SGLANG_HOST_IP', code: 'ENGINE_ENV_OWNED', hint: 'address' },
    {
      name: 'SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION',
      value: 'false',
      code: 'SGLANG_HEALTH_STATIC',
      hint: 'SGLANG_HEALTH_CHECK_TIMEOUT',
    },
  ])('$name is refused with $code', ({ name, value = '1', code, hint, release = '0.5.23' }) => {
    const { reasons } = refused({ group: { extraEnv: { [name]: value }, release } });
    expect(reasons.find((reason) => reason.code === code)?.hint).toContain(hint);
  });
});
