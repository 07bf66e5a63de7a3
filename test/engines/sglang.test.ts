import { describe, expect, test } from 'vitest';
import { engineReleases, findArgument } from '../../src/catalog/index.ts';
import { checkArguments } from '../../src/engines/argument-check.ts';
import {
  a2,
  a3,
  argsOf,
  degrees,
  h200,
  mi355x,
  placed,
  type SglangCase,
  valueOf,
  variablesOf,
  w8a8,
} from './sglang-fixtures.ts';

const releases = engineReleases.filter(({ engine }) => engine === 'sglang');

/** Rows 6, 7, 8, 10 and 14 of the matrix: what each has on its command line beyond the common part. */
const rows: readonly { name: string; row: SglangCase; has: string; role?: string }[] = [
  { name: 'H200 TP8', row: { pool: h200 }, has: '--tp-size 8 --host' },
  {
    name: 'H200 TP8 DP8 attention EP8',
    row: { group: { parallelism: degrees(1, 8, { expert: true }) } },
    has: '--tp-size 8 --attn-dp-size 8 --ep-size 8 --host',
  },
  {
    name: 'H200 with drafts',
    row: { group: { mtpTokens: 3 } },
    has: '--speculative-algorithm EAGLE --speculative-num-steps 3 --speculative-eagle-topk 1 --speculative-num-draft-tokens 4',
  },
  {
    name: 'H200 TP16 over two nodes',
    row: { group: { nodes: 2 } },
    role: 'worker',
    has: '--tp-size 16 --nnodes 2 --node-rank $(LWS_WORKER_INDEX) --dist-init-addr $(LWS_LEADER_ADDRESS):20000 --host',
  },
  {
    name: 'H200 TP16 with DP2 attention and drafts over two nodes',
    row: { group: { nodes: 2, parallelism: degrees(8, 2), mtpTokens: 2 } },
    role: 'leader',
    has: '--tp-size 16 --attn-dp-size 2 --nnodes 2',
  },
  {
    name: 'H200 TP16 DP16 EP16 with DeepEP',
    row: {
      group: { nodes: 2, parallelism: degrees(1, 16, { expert: true }), allToAll: 'deepep' },
    },
    role: 'leader',
    has: '--tp-size 16 --attn-dp-size 16 --ep-size 16 --moe-a2a-backend deepep --nnodes 2',
  },
  {
    name: 'H200 TP8 x PP2',
    row: { group: { nodes: 2, parallelism: degrees(8, 1, { pipeline: 2 }) } },
    role: 'leader',
    has: '--tp-size 8 --pp-size 2 --nnodes 2',
  },
  {
    name: 'MI355X TP8 of 0.5.12, under its old names',
    row: { pool: mi355x, group: { release: '0.5.12' } },
    has: '--nsa-prefill-backend tilelang --nsa-decode-backend tilelang --cuda-graph-max-bs 64',
  },
  {
    name: 'MI355X TP8 of 0.5.23 with its own image',
    row: { pool: mi355x, group: { image: 'registry.example.com/sglang-rocm:1' } },
    has: '--dsa-prefill-backend tilelang --dsa-decode-backend tilelang --cuda-graph-max-bs-decode 64',
  },
  {
    name: 'MI355X DP8 attention',
    row: {
      pool: mi355x,
      group: { release: '0.5.12', parallelism: degrees(1, 8, { expert: true }) },
    },
    has: '--tp-size 8 --dp-size 8 --enable-dp-attention --ep-size 8 --host',
  },
  {
    name: 'MI355X TP4 on half a node',
    row: { pool: mi355x, group: { release: '0.5.12', parallelism: degrees(4) } },
    has: '--tp-size 4 --host',
  },
  {
    name: 'MI355X over two nodes with MoRI',
    row: {
      pool: mi355x,
      group: {
        nodes: 2,
        release: '0.5.12',
        parallelism: degrees(1, 16, { expert: true }),
        allToAll: 'mori',
      },
    },
    role: 'leader',
    has: '--moe-a2a-backend mori --deepep-mode normal --nnodes 2',
  },
  {
    name: 'one A3 with W8A8',
    row: {
      pool: a3,
      model: w8a8,
      group: { release: '0.5.16', parallelism: degrees(16), contextTokens: 16_384 },
    },
    has: '--device npu --attention-backend ascend --quantization modelslim --watchdog-timeout 9000',
  },
  {
    name: 'two A2 with W8A8',
    row: {
      pool: a2,
      model: w8a8,
      group: { release: '0.5.16', nodes: 2, contextTokens: 16_384 },
    },
    role: 'worker',
    has: '--tp-size 16 --nnodes 2 --node-rank $(LWS_WORKER_INDEX)',
  },
];

describe('sglangWorkloads()', () => {
  test.each(rows)('writes $has for $name', ({ row, has, role }) => {
    expect(argsOf(placed(row), role).join(' ')).toContain(has);
  });

  const everywhere = releases.flatMap((release) => rows.map((row) => ({ release, ...row })));

  test.each(everywhere)('$name passes the parser of $release.version', ({ release, row }) => {
    const image = 'registry.example.com/sglang:1';
    const layout = placed({ ...row, group: { ...row.group, release: release.version, image } });
    for (const { args } of layout.workloads) expect(checkArguments(args, release)).toEqual([]);
  });

  test.each(everywhere)('$name uses no deprecated flag of $release.version', ({ release, row }) => {
    const image = 'registry.example.com/sglang:1';
    const layout = placed({ ...row, group: { ...row.group, release: release.version, image } });
    const flags = layout.workloads.flatMap(({ args }) => args.filter((arg) => /^--/.test(arg)));
    expect(flags.filter((flag) => findArgument(release, flag)?.deprecated === true)).toEqual([]);
  });

  test('starts the server that all releases have', () => {
    const [workload] = placed().workloads;
    expect(workload?.command).toEqual(['python3', '-m', 'sglang.launch_server']);
  });

  test('gives all pods of a group one command line but for the API key', () => {
    const layout = placed({ group: { nodes: 2 } });
    const key = ['--api-key', '$(SGLANG_API_KEY)'];
    expect(argsOf(layout, 'leader').filter((arg) => !key.includes(arg))).toEqual(
      argsOf(layout, 'worker'),
    );
  });

  test('takes the API key from the Secret and never writes it', () => {
    const layout = placed({ group: { nodes: 2 } });
    expect(valueOf(argsOf(layout, 'leader'), '--api-key')).toBe('$(SGLANG_API_KEY)');
    expect(layout.workloads[0]?.env).toContainEqual({
      name: 'SGLANG_API_KEY',
      secret: { name: 'deepseek-api-key', key: 'api-key' },
    });
    expect(layout.workloads[1]?.env.some(({ name }) => name === 'SGLANG_API_KEY')).toBe(false);
    expect(argsOf(placed({ api: { keySecret: 'none' } }))).not.toContain('--api-key');
  });

  test('listens on all interfaces, which is not its default', () => {
    const args = argsOf(placed());
    expect(valueOf(args, '--host')).toBe('0.0.0.0');
    expect(valueOf(args, '--port')).toBe('8000');
  });

  test('counts requests and prefill tokens over all data ranks, as the engine does', () => {
    const parallelism = degrees(1, 8, { expert: true });
    const args = argsOf(
      placed({ group: { parallelism, maxBatchedTokens: 1024, maxSequences: 32 } }),
    );
    expect(valueOf(args, '--chunked-prefill-size')).toBe('8192');
    expect(valueOf(args, '--max-running-requests')).toBe('256');
  });

  test('lets redundant experts be balanced', () => {
    const parallelism = degrees(1, 16, { expert: true });
    const group = { nodes: 2, parallelism, allToAll: 'deepep', redundantExperts: 32 };
    expect(argsOf(placed({ group }), 'leader').join(' ')).toContain(
      '--enable-eplb --ep-num-redundant-experts 32',
    );
  });

  test('appends the arguments of the user', () => {
    const layout = placed({ group: { extraArgs: ['--schedule-policy=fcfs'] } });
    expect(argsOf(layout).at(-1)).toBe('--schedule-policy=fcfs');
  });
});

describe('chat format', () => {
  const templates = '/sgl-workspace/sglang/examples/chat_template';

  test.each([
    { model: 'deepseek-ai/DeepSeek-V3.2', tool: 'deepseekv32', reasoning: 'deepseek-v3' },
    {
      model: 'deepseek-ai/DeepSeek-V3.2-Exp',
      tool: 'deepseekv31',
      reasoning: 'deepseek-v3',
      template: `${templates}/tool_chat_template_deepseekv32.jinja`,
    },
    { model: 'deepseek-ai/DeepSeek-V3.2-Speciale', reasoning: 'deepseek-v3' },
    {
      model: 'deepseek-ai/DeepSeek-V3.1',
      tool: 'deepseekv31',
      reasoning: 'deepseek-v3',
      template: `${templates}/tool_chat_template_deepseekv31.jinja`,
    },
    {
      model: 'deepseek-ai/DeepSeek-R1',
      tool: 'deepseekv3',
      reasoning: 'deepseek-r1',
      template: `${templates}/tool_chat_template_deepseekr1.jinja`,
    },
  ])('of $model is $tool and $reasoning', ({ model, tool, reasoning, template }) => {
    const args = argsOf(placed({ model }));
    expect(valueOf(args, '--tool-call-parser')).toBe(tool);
    expect(valueOf(args, '--reasoning-parser')).toBe(reasoning);
    expect(valueOf(args, '--chat-template')).toBe(template);
  });

  test.each([
    { release: '0.5.23', thinking: true, flag: '{"thinking":true}', variable: undefined },
    { release: '0.5.16', thinking: false, flag: '{"thinking":false}', variable: undefined },
    { release: '0.5.12', thinking: true, flag: undefined, variable: 'true' },
    { release: '0.5.12', thinking: false, flag: undefined, variable: undefined },
  ])('says thinking $thinking to $release', ({ release, thinking, flag, variable }) => {
    const layout = placed({ group: { release }, api: { thinking } });
    expect(valueOf(argsOf(layout), '--default-chat-template-kwargs')).toBe(flag);
    expect(variablesOf(layout)['SGLANG_DEFAULT_THINKING']).toBe(variable);
  });

  test('of Speciale always thinks', () => {
    const args = argsOf(placed({ model: 'deepseek-ai/DeepSeek-V3.2-Speciale' }));
    expect(valueOf(args, '--default-chat-template-kwargs')).toBe('{"thinking":true}');
  });
});

describe('sglangEnvironment()', () => {
  test('names the interfaces and devices of NCCL over nodes only', () => {
    expect(variablesOf(placed({ group: { nodes: 2 } }), 'worker')).toMatchObject({
      GLOO_SOCKET_IFNAME: 'eth0',
      NCCL_SOCKET_IFNAME: 'eth0',
      NCCL_IB_HCA: 'mlx5_0,mlx5_1',
      NCCL_IB_GID_INDEX: '3',
      NCCL_GRAPH_REGISTER: '0',
    });
    expect(variablesOf(placed())).not.toHaveProperty('NCCL_SOCKET_IFNAME');
  });

  test('sets up NVSHMEM for DeepEP over nodes', () => {
    const parallelism = degrees(1, 16, { expert: true });
    const layout = placed({ group: { nodes: 2, parallelism, allToAll: 'deepep' } });
    expect(variablesOf(layout, 'leader')).toMatchObject({
      NVSHMEM_IB_ENABLE_IBGDA: 'true',
      NVSHMEM_BOOTSTRAP_UID_SOCK_IFNAME: 'eth0',
      SGLANG_DEEPEP_NUM_MAX_DISPATCH_TOKENS_PER_RANK: '128',
    });
    expect(layout.access.capabilities.map(({ name }) => name)).toEqual(['SYS_RAWIO']);
  });

  test('uses aiter on ROCm and no CUDA caches', () => {
    const variables = variablesOf(placed({ pool: mi355x, group: { release: '0.5.12' } }));
    expect(variables['SGLANG_USE_AITER']).toBe('1');
    expect(variables).not.toHaveProperty('CUDA_CACHE_PATH');
  });

  test('gives HCCL its interface, address and time on Ascend', () => {
    const layout = placed({
      pool: a2,
      model: w8a8,
      group: { release: '0.5.16', nodes: 2, contextTokens: 16_384 },
    });
    expect(variablesOf(layout, 'worker')).toMatchObject({
      HCCL_SOCKET_IFNAME: 'eth0',
      HCCL_CONNECT_TIMEOUT: '1200',
      HCCL_INTRA_PCIE_ENABLE: '1',
      PYTORCH_NPU_ALLOC_CONF: 'expandable_segments:True',
    });
    expect(variablesOf(layout, 'worker')).not.toHaveProperty('NCCL_DEBUG');
    expect(layout.access.hostPaths.map(({ path }) => path)).toContain('/usr/local/Ascend/driver');
  });

  test("lets the user's own variable win", () => {
    const extraEnv = { SGLANG_WARMUP_TIMEOUT: '60' };
    expect(variablesOf(placed({ group: { extraEnv } }))['SGLANG_WARMUP_TIMEOUT']).toBe('60');
  });
});
