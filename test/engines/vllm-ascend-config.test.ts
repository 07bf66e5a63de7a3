import { describe, expect, test } from 'vitest';
import { planLayout } from '../../src/layout/index.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

/** Two nodes of A3, DP4 x TP8 with three draft tokens, as the nightly run has them. */
function planned(group: Partial<GroupSpec>) {
  const pools = [aPool({ name: 'a3', accelerator: 'ascend-a3', devicesPerNode: 16 })];
  const model = { ...aSpec().model, id: 'vllm-ascend/DeepSeek-V3.2-W8A8' };
  const base: Partial<GroupSpec> = {
    engine: 'vllm-ascend',
    release: '0.23.0.post1',
    pool: 'a3',
    contextTokens: 8192,
    maxBatchedTokens: 4096,
    mtpTokens: 3,
    parallelism: { tensor: 8, data: 4, pipeline: 1, expert: true },
  };
  const [layout] = planLayout(
    aSpec({ model, pools, groups: [aGroup({ ...base, ...group })] }),
  ).groups;
  if (layout === undefined) throw new Error('no group');
  return layout;
}

function codesOf(group: Partial<GroupSpec>): readonly string[] {
  const layout = planned(group);
  return layout.kind === 'refused' ? layout.reasons.map(({ code }) => code) : [];
}

interface Case {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly rest?: Partial<GroupSpec>;
}

function groupOf({ config, rest = {} }: Case): Partial<GroupSpec> {
  const set = config === undefined ? [] : [`--additional-config=${JSON.stringify(config)}`];
  return { ...rest, extraArgs: [...set, ...(rest.extraArgs ?? [])] };
}

const oneNode = { nodes: 1, parallelism: { tensor: 8, data: 2, pipeline: 1, expert: true } };
const sharded = { tensor: 8, data: 4, pipeline: 1, expert: false };
const withEnv = (extraEnv: Record<string, string>) => ({ extraEnv });

// The answers are those of vllm-ascend 0.23.0.post1: its own check of a configuration was run on CPU
// over these very command lines.
describe('the additional configuration of vllm-ascend', () => {
  test.each<Case & { code: string }>([
    { config: { enable_dsa_pc: true }, code: 'ASCEND_CONFIG_UNKNOWN' },
    { config: { eplb_config: { dynamic: true } }, code: 'ASCEND_CONFIG_UNKNOWN' },
    { config: { eplb_config: { eplb_policy_type: 7 } }, code: 'ASCEND_CONFIG_VALUE' },
    { config: { eplb_config: { algorithm_execution_interval: -1 } }, code: 'ASCEND_CONFIG_VALUE' },
    { config: { eplb_config: { expert_map_path: 'map.txt' } }, code: 'ASCEND_CONFIG_VALUE' },
    { config: { mega_moe_max_tokens: '5' }, code: 'ASCEND_CONFIG_VALUE' },
    { config: { mega_moe_max_tokens: 0 }, code: 'ASCEND_CONFIG_VALUE' },
    { config: { weight_prefetch_config: true }, code: 'ASCEND_CONFIG_VALUE' },
    { config: { profiling_chunk_config: { smooth_factor: 2 } }, code: 'ASCEND_CONFIG_VALUE' },
    {
      config: { rejection_sampler_config: { posterior_threshold: 2 } },
      code: 'ASCEND_CONFIG_VALUE',
    },
    { config: { layer_sharding: ['o_proj'] }, code: 'ASCEND_CONFIG_DISAGGREGATED' },
    { config: { recompute_scheduler_enable: true }, code: 'ASCEND_CONFIG_DISAGGREGATED' },
    { config: { enable_kv_nz: true }, code: 'ASCEND_CONFIG_DISAGGREGATED' },
    {
      config: { finegrained_tp_config: { embedding_tensor_parallel_size: 2 } },
      code: 'ASCEND_CONFIG_DISAGGREGATED',
    },
    { config: { dump_config: {}, dump_config_path: '/x' }, code: 'ASCEND_CONFIG_CONFLICT' },
    {
      config: { enable_dsa_cp: true, enable_flashcomm1: false },
      code: 'ASCEND_CONFIG_LAYOUT',
    },
    {
      config: { enable_flashcomm1: true },
      rest: { ...oneNode, maxSequences: 1, mtpTokens: 0 },
      code: 'ASCEND_CONFIG_LAYOUT',
    },
    {
      config: { mix_placement: true, enable_shared_expert_dp: true },
      code: 'ASCEND_CONFIG_CONFLICT',
    },
    {
      config: { enable_mc2_hierarchy_comm: true },
      rest: withEnv({ VLLM_ASCEND_ENABLE_FUSED_MC2: '1' }),
      code: 'ASCEND_CONFIG_CONFLICT',
    },
    {
      config: {
        enable_reduce_sample: true,
        finegrained_tp_config: { lmhead_tensor_parallel_size: 2 },
      },
      code: 'ASCEND_CONFIG_CONFLICT',
    },
    {
      config: {
        ascend_compilation_config: { enable_static_kernel: true, enable_npugraph_ex: false },
      },
      code: 'ASCEND_CONFIG_CONFLICT',
    },
    {
      config: { scheduler_config: { recompute_scheduler_enable: true } },
      rest: { release: '0.25.1rc1' },
      code: 'ASCEND_CONFIG_DISAGGREGATED',
    },
    {
      config: {
        scheduler_config: {
          short_request_first_config: { enabled: true },
          profiling_chunk_config: { enabled: true },
        },
      },
      rest: { release: '0.25.1rc1' },
      code: 'ASCEND_CONFIG_CONFLICT',
    },
    { config: { eplb_config: { dynamic_eplb: true } }, code: 'ASCEND_EPLB_SWITCH' },
    { config: { xlite_graph_config: { enabled: true } }, code: 'ASCEND_CONFIG_LAYOUT' },
    { config: { profiling_chunk_config: { enabled: true } }, code: 'ASCEND_CONFIG_LAYOUT' },
    { config: { enable_flashcomm2_parallel_size: 3 }, code: 'ASCEND_CONFIG_LAYOUT' },
    { config: { enable_flashcomm2_parallel_size: 8 }, code: 'ASCEND_CONFIG_LAYOUT' },
    {
      config: { finegrained_tp_config: { lmhead_tensor_parallel_size: 3 } },
      code: 'ASCEND_CONFIG_LAYOUT',
    },
    {
      rest: { parallelism: sharded, ...withEnv({ VLLM_ASCEND_ENABLE_FLASHCOMM1: '1' }) },
      code: 'ASCEND_CONFIG_LAYOUT',
    },
    { rest: withEnv({ ASCEND_LAUNCH_BLOCKING: '1' }), code: 'ASCEND_LAUNCH_BLOCKING' },
    { rest: { extraArgs: ['--decode-context-parallel-size=2'] }, code: 'ASCEND_DCP_TENSOR' },
    { rest: { extraArgs: ['--prefill-context-parallel-size=2'] }, code: 'VLLM_PCP_WITH_DATA' },
  ])('$config $rest is refused with $code', ({ code, ...given }) => {
    expect(codesOf(groupOf(given))).toContain(code);
  });

  test.each<Case>([
    { config: { enable_cpu_binding: true } },
    { config: { enable_flashcomm1: true } },
    { config: { enable_dsa_cp: true } },
    { rest: { maxSequences: 1 } },
    { rest: { parallelism: sharded } },
    { config: { enable_dsa_cp: true, enable_flashcomm1: true } },
    { config: { enable_balance_scheduling: true } },
    { config: { enable_shared_expert_dp: true } },
    { config: { layer_sharding: [], recompute_scheduler_enable: false } },
    {
      config: { mix_placement: true, multistream_overlap_shared_expert: true, enable_fused_mc2: 1 },
    },
    { config: { finegrained_tp_config: { lmhead_tensor_parallel_size: 2 } } },
    { config: { enable_flashcomm2_parallel_size: 2 } },
    { config: { xlite_graph_config: { enabled: true } }, rest: { mtpTokens: 0 } },
    {
      config: { eplb_config: { dynamic_eplb: true, num_redundant_experts: 16 } },
      rest: withEnv({ DYNAMIC_EPLB: 'true' }),
    },
    {
      rest: { extraArgs: ['--enforce-eager'], ...withEnv({ ASCEND_LAUNCH_BLOCKING: '1' }) },
    },
    { rest: { extraArgs: ['--decode-context-parallel-size=8'] } },
    { rest: { extraArgs: ['--additional-config.enable_flashcomm1=true'] } },
  ])('$config $rest is taken', (given) => {
    expect(codesOf(groupOf(given))).toEqual([]);
  });

  test('key by key is the same as in one object', () => {
    const extraArgs = [
      '--additional-config.eplb_config.eplb_policy_type=7',
      '--additional-config.dump_config_path=/x',
    ];
    expect(codesOf({ extraArgs })).toEqual(['ASCEND_CONFIG_VALUE']);
  });
});

test.each<{ why: string; group: Partial<GroupSpec>; values: readonly (string | undefined)[] }>([
  { why: 'where the layout can have it', group: {}, values: ['1', '1'] },
  {
    why: 'unless experts are cut',
    group: { parallelism: sharded },
    values: [undefined, undefined],
  },
  {
    why: 'unless a step has fewer tokens than ranks',
    group: { ...oneNode, maxSequences: 1 },
    values: [undefined],
  },
  {
    why: 'unless the user says no',
    group: { extraEnv: { VLLM_ASCEND_ENABLE_FLASHCOMM1: '0' } },
    values: ['0', '0'],
  },
])('sequences are split over tensor ranks $why', ({ group, values }) => {
  const layout = planned(group);
  const workloads = layout.kind === 'placed' ? layout.workloads : [];
  const given = workloads.map(({ env }) => {
    const found = env.find(({ name }) => name === 'VLLM_ASCEND_ENABLE_FLASHCOMM1');
    return found !== undefined && 'value' in found ? found.value : undefined;
  });
  expect(given).toEqual(values);
});

test('an argument that vllm-ascend sets back is warned of', () => {
  const layout = planned({ extraArgs: ['--attention-backend=FLASHMLA_SPARSE'] });
  const notes = layout.kind === 'placed' ? layout.notes : [];
  expect(notes.find(({ code }) => code === 'ASCEND_ARGUMENT_IGNORED')?.message).toContain(
    '--attention-backend, which vllm-ascend sets back',
  );
});
