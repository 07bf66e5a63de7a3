import { describe, expect, test } from 'vitest';
import { planLayout, type Reason } from '../../src/layout/index.ts';
import type { GroupSpec, PoolSpec, Spec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

interface Case {
  readonly why: string;
  readonly code: string;
  /** Part of the message: the value that is wrong. */
  readonly says: RegExp;
  /** Part of the hint: what to do. */
  readonly hint: RegExp;
  readonly group?: Partial<GroupSpec>;
  readonly pool?: Partial<PoolSpec>;
  readonly spec?: Partial<Spec>;
}

function reasonsOf({ group = {}, pool = {}, spec = {} }: Partial<Case>): readonly Reason[] {
  const pools = [aPool({ nodes: 4, ...pool })];
  const [layout] = planLayout(aSpec({ pools, groups: [aGroup(group)], ...spec })).groups;
  return layout?.kind === 'refused' ? layout.reasons : [];
}

const amd = { accelerator: 'mi355x', deviceResource: 'amd.com/gpu' } as const;
const rdma = { resource: 'rdma/ib', count: 1, linkLayer: 'infiniband' } as const;
const rails = { resource: 'amd.com/vnic', linkLayer: 'roce', gidIndex: 1 } as const;
const tensor = { tensor: 8, data: 1, pipeline: 1, expert: false } as const;

const cases: readonly Case[] = [
  {
    why: 'multi-port on a release without it',
    code: 'VLLM_LOAD_BALANCING_RELEASE',
    says: /0\.18\.1 has no --data-parallel-multi-port-external-lb/,
    hint: /release 0\.23\.0|release 0\.25\.1/,
    group: { release: '0.18.1', loadBalancing: 'multi-port' },
  },
  {
    why: 'hybrid on one node',
    code: 'VLLM_LOAD_BALANCING_RANKS',
    says: /hybrid with 4 data ranks on 1 node/,
    hint: /loadBalancing: internal/,
    group: {
      nodes: 1,
      loadBalancing: 'hybrid',
      parallelism: { tensor: 2, data: 4, pipeline: 1, expert: true },
    },
  },
  {
    why: 'hybrid with one rank on each node',
    code: 'VLLM_LOAD_BALANCING_RANKS',
    says: /1 data ranks/,
    hint: /two or more/,
    group: {
      loadBalancing: 'hybrid',
      parallelism: { tensor: 8, data: 2, pipeline: 1, expert: true },
    },
  },
  {
    why: 'ports of ranks over the port of the supervisor',
    code: 'VLLM_SUPERVISOR_PORT',
    says: /9250/,
    hint: /8000/,
    group: { loadBalancing: 'multi-port' },
    spec: { api: { ...aSpec().api, port: 9250 } },
  },
  {
    why: 'redundant experts that do not divide',
    code: 'VLLM_EXPERTS_NOT_DIVISIBLE',
    says: /256 \+ 10/,
    hint: /multiple of 16/,
    group: { redundantExperts: 10 },
  },
  {
    why: 'redundant experts without expert parallelism',
    code: 'VLLM_EPLB_WITHOUT_EXPERTS',
    says: /redundantExperts 8/,
    hint: /expert: true/,
    group: { nodes: 1, parallelism: tensor, redundantExperts: 8 },
  },
  {
    why: 'an all-to-all backend nobody knows',
    code: 'VLLM_ALL2ALL_UNKNOWN',
    says: /"deepep"/,
    hint: /deepep_low_latency/,
    group: { allToAll: 'deepep' },
  },
  {
    why: 'an all-to-all backend of a later release',
    code: 'VLLM_ALL2ALL_UNKNOWN',
    says: /0\.18\.1 has no all-to-all backend "deepep_v2"/,
    hint: /auto/,
    group: { release: '0.18.1', allToAll: 'deepep_v2' },
  },
  {
    why: 'an all-to-all backend that is gone',
    code: 'VLLM_ALL2ALL_REMOVED',
    says: /"pplx"/,
    hint: /allgather_reducescatter/,
    group: { allToAll: 'pplx' },
  },
  {
    why: 'MoRI on NVIDIA',
    code: 'VLLM_ALL2ALL_VENDOR',
    says: /mori_low_latency.*H200/,
    hint: /deepep_low_latency/,
    group: { allToAll: 'mori_low_latency' },
  },
  {
    why: 'rack NVLink on H200',
    code: 'VLLM_ALL2ALL_VENDOR',
    says: /b200 or gb200/,
    hint: /auto/,
    group: { allToAll: 'flashinfer_nvlink_one_sided' },
  },
  {
    why: 'DeepEP over plain TCP',
    code: 'VLLM_ALL2ALL_WITHOUT_RDMA',
    says: /rdma: none/,
    hint: /allgather_reducescatter/,
    group: { allToAll: 'deepep_low_latency' },
    pool: { fabric: { socketInterface: 'eth0', rdma: 'none', hostNetwork: false } },
  },
  {
    why: 'an all-to-all backend for a layout without one',
    code: 'VLLM_ALL2ALL_UNUSED',
    says: /deepep_low_latency/,
    hint: /expert: true/,
    group: { nodes: 1, parallelism: tensor, allToAll: 'deepep_low_latency' },
  },
  {
    why: 'overlapped half batches on a backend that cannot',
    code: 'VLLM_DBO_BACKEND',
    says: /allToAll: auto/,
    hint: /deepep_low_latency/,
    group: { extraArgs: ['--enable-dbo'] },
  },
  {
    why: 'decode context parallelism on Hopper',
    code: 'VLLM_DCP_UNSUPPORTED',
    says: /parallelism 2.*H200/,
    hint: /data parallelism/,
    group: { extraArgs: ['--decode-context-parallel-size=2'] },
  },
  {
    why: 'prefill context parallelism with data parallelism',
    code: 'VLLM_PCP_WITH_DATA',
    says: /data 16/,
    hint: /one of the two/,
    group: { extraArgs: ['--prefill-context-parallel-size=2'] },
  },
  {
    why: 'a block size on CUDA',
    code: 'VLLM_BLOCK_SIZE',
    says: /--block-size 16.*64/,
    hint: /Remove/,
    group: { extraArgs: ['--block-size=16'] },
  },
  {
    why: 'two attention backends',
    code: 'VLLM_ATTENTION_BACKEND_TWICE',
    says: /twice/,
    hint: /--attention-backend/,
    group: {
      extraArgs: ['--attention-backend=FLASHMLA_SPARSE', '--attention-config.backend=FLASHMLA'],
    },
  },
  {
    why: 'elastic experts without balancing',
    code: 'VLLM_ELASTIC_EP',
    says: /redundantExperts 0/,
    hint: /above 0/,
    group: { extraArgs: ['--enable-elastic-ep'] },
  },
  {
    why: 'fault tolerance with shared servers',
    code: 'VLLM_FAULT_TOLERANCE',
    says: /internal/,
    hint: /multi-port/,
    group: { extraArgs: ['--enable-fault-tolerance'] },
  },
  {
    why: 'NUMA nodes without binding',
    code: 'VLLM_NUMA_BIND',
    says: /0 1/,
    hint: /--numa-bind/,
    group: { extraArgs: ['--numa-bind-nodes', '0', '1'] },
  },
  {
    why: 'draft tokens of a model without draft module',
    code: 'VLLM_MTP_MISSING',
    says: /Kimi-K2/,
    hint: /mtpTokens: 0/,
    group: { mtpTokens: 1 },
    spec: { model: { ...aSpec().model, id: 'moonshotai/Kimi-K2-Instruct' } },
  },
  {
    why: 'an engine that gives up before the probe',
    code: 'VLLM_READY_TIMEOUT_SHORT',
    says: /600/,
    hint: /3000/,
    group: { extraEnv: { VLLM_ENGINE_READY_TIMEOUT_S: '600' } },
  },
  {
    why: 'expandable segments beside a KV connector',
    code: 'VLLM_EXPANDABLE_SEGMENTS_WITH_CONNECTOR',
    says: /expandable_segments/,
    hint: /PYTORCH_CUDA_ALLOC_CONF/,
    group: {
      extraArgs: ['--kv-transfer-config={"kv_connector":"NixlConnector"}'],
      extraEnv: { PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:True' },
    },
  },
  {
    why: 'half of a pair',
    code: 'VLLM_DISAGGREGATED',
    says: /kv_role kv_producer/,
    hint: /Remove --kv-transfer-config/,
    group: {
      extraArgs: [
        '--kv-transfer-config',
        '{"kv_connector":"NixlConnector","kv_role":"kv_producer"}',
      ],
    },
  },
  {
    why: 'the other half, key by key',
    code: 'VLLM_DISAGGREGATED',
    says: /kv_role kv_consumer/,
    hint: /Remove --kv-transfer-config/,
    group: {
      extraArgs: [
        '--kv-transfer-config.kv_connector=NixlConnector',
        '--kv-transfer-config.kv_role=kv_consumer',
      ],
    },
  },
  {
    why: 'one side-channel host for all pods',
    code: 'ENGINE_ENV_OWNED',
    says: /VLLM_NIXL_SIDE_CHANNEL_HOST/,
    hint: /own address/,
    group: { extraEnv: { VLLM_NIXL_SIDE_CHANNEL_HOST: '0.0.0.0' } },
  },
  {
    why: 'a variable that is gone, with the release that had it',
    code: 'ENGINE_ENV_REMOVED',
    says: /VLLM_RPC_TIMEOUT.*0\.33\.0.*0\.18\.1/,
    hint: /nothing/,
    group: { extraEnv: { VLLM_RPC_TIMEOUT: '18000000' } },
  },
  {
    why: 'a mistyped variable',
    code: 'ENGINE_ENV_UNKNOWN',
    says: /VLLM_SERVER_DEV_MOD,/,
    hint: /VLLM_SERVER_DEV_MODE/,
    group: { extraEnv: { VLLM_SERVER_DEV_MOD: '1' } },
  },
  {
    why: 'a flag whose negation was renamed',
    code: 'ENGINE_ARGUMENT_UNKNOWN',
    says: /0\.33\.0: --no-enable-prefix-caching was removed; release 0\.25\.1/,
    hint: /--disable-prefix-caching/,
    group: { extraArgs: ['--no-enable-prefix-caching'] },
  },
  {
    why: 'a flag of a later release',
    code: 'ENGINE_ARGUMENT_UNKNOWN',
    says: /0\.18\.1: --enable-fault-tolerance does not exist yet/,
    hint: /Use release 0\.33\.0/,
    group: { release: '0.18.1', extraArgs: ['--enable-fault-tolerance'] },
  },
  {
    why: 'split prefill, for which pods have no devices',
    code: 'VLLM_PCP_DEVICES',
    says: /takes 2 times the 8 devices/,
    hint: /Remove it/,
    group: {
      parallelism: tensor,
      nodes: 1,
      extraArgs: ['-pcp=2'],
      extraEnv: { VLLM_USE_V2_MODEL_RUNNER: '1' },
    },
  },
  {
    why: 'split prefill without the runner for it',
    code: 'VLLM_PCP_RUNNER',
    says: /prefill context parallelism 2/,
    hint: /VLLM_USE_V2_MODEL_RUNNER/,
    group: { parallelism: tensor, nodes: 1, extraArgs: ['-pcp=2'] },
  },
  {
    why: 'an exchange of context ranks there are none of',
    code: 'VLLM_DCP_EXCHANGE',
    says: /--dcp-comm-backend a2a/,
    hint: /Remove/,
    group: { extraArgs: ['--dcp-comm-backend=a2a'] },
  },
  {
    why: 'context ranks that do not divide the tensor ranks',
    code: 'VLLM_DCP_NOT_DIVISIBLE',
    says: /3 does not divide tensor 8/,
    hint: /divisor/,
    pool: { accelerator: 'b200' },
    group: { parallelism: tensor, nodes: 1, extraArgs: ['-dcp=3'] },
  },
  {
    why: 'asynchronous scheduling of overlapped halves on ROCm',
    code: 'VLLM_DBO_ASYNC',
    says: /--async-scheduling/,
    hint: /Remove --async-scheduling/,
    pool: amd,
    group: {
      allToAll: 'deepep_high_throughput',
      extraArgs: ['--enable-dbo', '--async-scheduling'],
    },
  },
  {
    why: 'broken JSON',
    code: 'ENGINE_ARGUMENT_JSON',
    says: /needs a JSON object, got/,
    hint: /double quotes/,
    group: { extraArgs: ["--compilation-config={'cudagraph_mode':1}"] },
  },
  {
    why: 'more requests than a step has tokens',
    code: 'VLLM_SEQUENCES_OVER_TOKENS',
    says: /maxSequences 512 is more than .* 256$/,
    hint: /maxBatchedTokens: 512 or more, or maxSequences: 256 or less/,
    group: { maxSequences: 512, maxBatchedTokens: 256 },
  },
  {
    why: 'more requests than a step of fixed batches has tokens by default',
    code: 'VLLM_SEQUENCES_OVER_TOKENS',
    says: /maxSequences 512 is more than .* the default of 256$/,
    hint: /maxBatchedTokens: 512 or more/,
    group: { maxSequences: 512, allToAll: 'deepep_low_latency' },
    pool: { fabric: { socketInterface: 'eth0', rdma, hostNetwork: false } },
  },
  {
    why: 'some of the rails of an AMD node',
    code: 'AMD_RAILS_INCOMPLETE',
    says: /count 1/,
    hint: /count: 8/,
    pool: {
      ...amd,
      fabric: { socketInterface: 'eth0', rdma: { ...rails, count: 1 }, hostNetwork: false },
    },
  },
  {
    why: 'rails without their networks',
    code: 'AMD_NETWORKS_MISSING',
    says: /0 networks for 8/,
    hint: /network-attachment/,
    pool: {
      ...amd,
      fabric: { socketInterface: 'eth0', rdma: { ...rails, count: 8 }, hostNetwork: false },
    },
  },
];

describe('vLLM refuses', () => {
  test.each(cases)('$why with $code', ({ code, says, hint, ...given }) => {
    const reason = reasonsOf(given).find((candidate) => candidate.code === code);
    expect(reason?.message).toMatch(says);
    expect(reason?.hint).toMatch(hint);
    expect(reason?.source).not.toBe('');
  });

  test('nothing where nothing is wrong', () => {
    expect(reasonsOf({})).toEqual([]);
  });
});
