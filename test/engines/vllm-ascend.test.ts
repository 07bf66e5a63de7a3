import { describe, expect, test } from 'vitest';
import { type ParsedFlag, parseFlags } from '../../src/engines/argument-check.ts';
import { type PlacedGroup, planLayout, type Reason } from '../../src/layout/index.ts';
import type { GroupSpec, Spec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';
import { aTemplateSpec } from '../render/a-layout.ts';

function placedIn(spec: Spec): PlacedGroup {
  const [layout] = planLayout(spec).groups;
  if (layout?.kind !== 'placed') throw new Error(`refused: ${JSON.stringify(layout)}`);
  return layout;
}

const nightly = placedIn(aTemplateSpec('a3-vllm-ascend-2-nodes'));

function argsOf({ workloads }: PlacedGroup, role: string): readonly ParsedFlag[] {
  const found = workloads.find((workload) => workload.role === role);
  return parseFlags(found?.args.slice(1) ?? []);
}

/** Flags as text, JSON values with sorted keys, in order of name. */
function lines(flags: readonly ParsedFlag[]): string[] {
  return flags.map(({ flag, values }) => [flag, ...values.map(sorted)].join(' ')).toSorted();
}

function sorted(value: string): string {
  if (!value.startsWith('{')) return value;
  const parsed: unknown = JSON.parse(value);
  if (typeof parsed !== 'object' || parsed === null) return value;
  const entries: [string, unknown][] = Object.entries(parsed);
  return JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/**
 * Both nodes of the upstream configuration, without model, host, port and addresses.
 *
 * @source vllm-project/vllm-ascend 0.23.0.post1 (2026-09-21), tests/e2e/nightly/multi_node/internal_dp/
 * config/DeepSeek-V3_2-W8A8-A3-dual-nodes.yaml
 */
const upstreamShared = [
  '--compilation-config {"cudagraph_capture_sizes":[8,16,24,32,40,48],"cudagraph_mode":"FULL_DECODE_ONLY"}',
  '--data-parallel-rpc-port 13399',
  '--data-parallel-size 4',
  '--data-parallel-size-local 2',
  '--enable-expert-parallel',
  '--gpu-memory-utilization 0.85',
  '--max-model-len 90000',
  '--max-num-batched-tokens 4096',
  '--max-num-seqs 128',
  '--no-enable-prefix-caching',
  '--quantization ascend',
  '--reasoning-parser deepseek_v3',
  '--seed 1024',
  '--speculative-config {"method":"deepseek_mtp","num_speculative_tokens":3}',
  '--tensor-parallel-size 8',
  '--tokenizer-mode deepseek_v32',
  '--trust-remote-code',
];

const upstreamEnvironment = {
  HCCL_OP_EXPANSION_MODE: 'AIV',
  HCCL_BUFFSIZE: '1024',
  OMP_PROC_BIND: 'false',
  OMP_NUM_THREADS: '1',
  PYTORCH_NPU_ALLOC_CONF: 'expandable_segments:True',
  VLLM_ASCEND_ENABLE_MLAPO: '1',
  VLLM_ASCEND_ENABLE_FLASHCOMM1: '1',
  ASCEND_A3_EBA_ENABLE: '1',
};

describe('two A3 nodes equal the nightly configuration of vllm-ascend', () => {
  test('flag by flag on the first node; what is added belongs to the API', () => {
    const added = [
      '--api-server-count 2',
      '--data-parallel-address $(LWS_LEADER_ADDRESS)',
      '--default-chat-template-kwargs {"thinking":false}',
      '--disable-access-log-for-endpoints /health,/metrics',
      '--enable-auto-tool-choice',
      '--override-generation-config {"temperature":1,"top_p":0.95}',
      '--port 8000',
      '--served-model-name vllm-ascend/DeepSeek-V3.2-W8A8',
      '--shutdown-timeout 120',
      '--tool-call-parser deepseek_v32',
    ];
    expect(lines(argsOf(nightly, 'leader'))).toEqual([...upstreamShared, ...added].toSorted());
  });

  test('flag by flag on the second', () => {
    const added = ['--data-parallel-address $(LWS_LEADER_ADDRESS)'];
    const place = ['--headless', '--data-parallel-start-rank 2'];
    expect(lines(argsOf(nightly, 'worker'))).toEqual(
      [...upstreamShared, ...place, ...added].toSorted(),
    );
  });

  test('variable by variable on both', () => {
    for (const { env } of nightly.workloads) {
      for (const [name, value] of Object.entries(upstreamEnvironment)) {
        expect(env).toContainEqual({ name, value });
      }
    }
  });

  test('and name the addresses and interfaces that upstream sets by script', () => {
    for (const { env } of nightly.workloads) {
      expect(env).toContainEqual({ name: 'HCCL_IF_IP', fieldPath: 'status.podIP' });
      for (const name of ['HCCL_SOCKET_IFNAME', 'GLOO_SOCKET_IFNAME', 'TP_SOCKET_IFNAME']) {
        expect(env).toContainEqual({ name, value: 'eth0' });
      }
      expect(env).toContainEqual({ name: 'HCCL_CONNECT_TIMEOUT', value: '1200' });
      expect(env.some(({ name }) => name.startsWith('NCCL_'))).toBe(false);
    }
  });
});

describe('Ascend devices', () => {
  test('16 dies of an A3 run TP8 twice, without capture sizes and with the smaller buffer', () => {
    const layout = placedIn(aTemplateSpec('a3-vllm-ascend-1-node'));
    expect(layout.devicesPerPod).toBe(16);
    expect(lines(argsOf(layout, 'single'))).toContain(
      '--compilation-config {"cudagraph_mode":"FULL_DECODE_ONLY"}',
    );
    expect(layout.workloads[0]?.env).toContainEqual({ name: 'HCCL_BUFFSIZE', value: '200' });
    expect(layout.image).toMatch(/-a3$/);
  });

  test('two A2 nodes talk inside a node over PCIe', () => {
    const layout = placedIn(aTemplateSpec('a2-vllm-ascend-2-nodes'));
    expect(layout.workloads[1]?.env).toContainEqual({
      name: 'HCCL_INTRA_PCIE_ENABLE',
      value: '1',
    });
    expect(layout.image).not.toMatch(/-a3$/);
  });

  test('read the paths of CANN from the files of the image', () => {
    expect(nightly.workloads[0]?.env).toContainEqual({
      name: 'DSDEPLOY_SOURCE',
      value: '/usr/local/Ascend/ascend-toolkit/set_env.sh:/usr/local/Ascend/nnal/atb/set_env.sh',
    });
  });

  test('have a reason for root and for every host path', () => {
    expect(nightly.access.user).toMatchObject({ user: 0, why: expect.stringMatching(/davinci/) });
    for (const { path, why } of nightly.access.hostPaths) expect(why, path).not.toBe('');
    expect(nightly.access.hostPaths.map(({ path }) => path)).toContain('/etc/hccn.conf');
  });

  test('auto takes the layout of the tutorial', () => {
    const spec = aTemplateSpec('a3-vllm-ascend-1-node');
    const groups = spec.groups.map((group) => ({ ...group, parallelism: 'auto' as const }));
    expect(placedIn({ ...spec, groups }).parallelism).toMatchObject({ tensor: 8, data: 2 });
  });
});

function reasonsOf(group: Partial<GroupSpec>): readonly Reason[] {
  const pools = [aPool({ name: 'a3', accelerator: 'ascend-a3', devicesPerNode: 16, nodes: 2 })];
  const model = { ...aSpec().model, id: 'vllm-ascend/DeepSeek-V3.2-W8A8' };
  const base: Partial<GroupSpec> = {
    engine: 'vllm-ascend',
    release: '0.23.0',
    pool: 'a3',
    contextTokens: 8192,
    maxBatchedTokens: 4096,
    parallelism: { tensor: 8, data: 4, pipeline: 1, expert: true },
  };
  const [layout] = planLayout(
    aSpec({ model, pools, groups: [aGroup({ ...base, ...group })] }),
  ).groups;
  return layout?.kind === 'refused' ? layout.reasons : [];
}

describe('vllm-ascend refuses', () => {
  test.each<{ why: string; group: Partial<GroupSpec>; code: string }>([
    { why: 'an 8-bit floating point cache', group: { kvCache: 'fp8' }, code: 'ASCEND_KV_CACHE' },
    {
      why: 'a chosen all-to-all backend',
      group: { allToAll: 'deepep_low_latency' },
      code: 'ASCEND_ALL2ALL',
    },
    { why: "vLLM's expert balancing", group: { redundantExperts: 32 }, code: 'ASCEND_EPLB' },
    {
      why: 'a key its configuration does not have',
      group: { extraArgs: ['--additional-config={"enable_dsa_pc":true}'] },
      code: 'ASCEND_CONFIG_UNKNOWN',
    },
    {
      why: 'a key that a later release dropped',
      group: {
        release: '0.25.1rc1',
        extraArgs: ['--additional-config={"enable_sparse_sfa_c8":true}'],
      },
      code: 'ASCEND_CONFIG_UNKNOWN',
    },
    {
      why: 'a second quantisation',
      group: { extraArgs: ['--quantization=fp8'] },
      code: 'ENGINE_ARGUMENT_OWNED',
    },
    {
      why: 'tensor ranks over nodes',
      group: { parallelism: { tensor: 32, data: 1, pipeline: 1, expert: false } },
      code: 'ASCEND_RANK_SPANS_NODES',
    },
    {
      why: 'a pipeline',
      group: { parallelism: { tensor: 8, data: 2, pipeline: 2, expert: true } },
      code: 'ASCEND_PIPELINE',
    },
    {
      why: 'one address for all pods',
      group: { extraEnv: { HCCL_IF_IP: '10.0.0.1' } },
      code: 'ENGINE_ENV_OWNED',
    },
  ])('$why with $code', ({ group, code }) => {
    expect(reasonsOf(group).map((reason) => reason.code)).toContain(code);
  });

  test('nothing where nothing is wrong', () => {
    expect(reasonsOf({})).toEqual([]);
    expect(reasonsOf({ extraArgs: ['--additional-config={"enable_cpu_binding":true}'] })).toEqual(
      [],
    );
  });
});
