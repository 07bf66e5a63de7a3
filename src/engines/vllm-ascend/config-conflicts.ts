import type { Reason } from '../reason.ts';
import { type AdditionalConfig, entryOf, isSet, schedules } from './additional-config.ts';

type Environment = Readonly<Record<string, string>>;

/** Settings of which the engine takes only one, or only both. */
interface Conflict {
  readonly what: string;
  readonly hint: string;
  readonly isMet: (settings: Settings) => boolean;
}

/** The settings by name; one that also a variable sets has that value. */
interface Settings {
  /** Whether a setting is on. */
  readonly at: (key: string) => boolean;
  /** Whether it is there, whatever its value. */
  readonly has: (key: string) => boolean;
  readonly inside: (entry: string, key: string) => unknown;
  /** Whether a way of scheduling is on, at the top or in the newer `scheduler_config`. */
  readonly schedules: (entry: string) => boolean;
}

const keepOne = 'Keep one of them.';

const conflicts: readonly Conflict[] = [
  {
    what: 'dump_config and dump_config_path',
    hint: keepOne,
    isMet: ({ has }) => has('dump_config') && has('dump_config_path'),
  },
  {
    what: 'profiling_chunk_config and enable_balance_scheduling',
    hint: keepOne,
    isMet: ({ at, schedules }) =>
      schedules('profiling_chunk_config') && at('enable_balance_scheduling'),
  },
  {
    what: 'short_request_first_config and profiling_chunk_config',
    hint: keepOne,
    isMet: ({ schedules }) =>
      schedules('short_request_first_config') && schedules('profiling_chunk_config'),
  },
  {
    what: 'short_request_first_config and batch_job_sched_config',
    hint: keepOne,
    isMet: ({ schedules }) =>
      schedules('short_request_first_config') && schedules('batch_job_sched_config'),
  },
  {
    what: 'enable_fused_mc2 and enable_mc2_hierarchy_comm',
    hint: keepOne,
    isMet: ({ at }) => at('enable_fused_mc2') && at('enable_mc2_hierarchy_comm'),
  },
  {
    what: 'mix_placement and enable_shared_expert_dp',
    hint: keepOne,
    isMet: ({ at }) => at('mix_placement') && at('enable_shared_expert_dp'),
  },
  {
    what: 'mix_placement and multistream_overlap_shared_expert',
    hint: keepOne,
    // The fused operator turns the overlap off before the two are compared.
    isMet: ({ at }) =>
      at('mix_placement') && at('multistream_overlap_shared_expert') && !at('enable_fused_mc2'),
  },
  {
    what: 'enable_reduce_sample and finegrained_tp_config.lmhead_tensor_parallel_size',
    hint: keepOne,
    isMet: ({ at, inside }) =>
      at('enable_reduce_sample') &&
      isSet(inside('finegrained_tp_config', 'lmhead_tensor_parallel_size')),
  },
  {
    what: 'ascend_compilation_config.enable_static_kernel without enable_npugraph_ex',
    hint: 'Set both to true, or neither.',
    isMet: ({ inside }) =>
      isSet(inside('ascend_compilation_config', 'enable_static_kernel')) &&
      inside('ascend_compilation_config', 'enable_npugraph_ex') === false,
  },
];

/** Variables that set what a key sets; the key wins. */
const variables: Readonly<Partial<Record<string, string>>> = {
  enable_fused_mc2: 'VLLM_ASCEND_ENABLE_FUSED_MC2',
  enable_balance_scheduling: 'VLLM_ASCEND_BALANCE_SCHEDULING',
};

/** Whether a setting is on, by its key at the top or in `scheduler_config`, or by its variable. */
function isOn(key: string, config: AdditionalConfig, environment: Environment): boolean {
  const value = entryOf(config, 'scheduler_config')[key] ?? config[key];
  if (value !== undefined) return isSet(value);
  return Number(environment[variables[key] ?? ''] ?? 0) > 0;
}

/** Settings that exclude or need each other. */
export function checkConflicts(config: AdditionalConfig, environment: Environment): Reason[] {
  const settings: Settings = {
    at: (key) => isOn(key, config, environment),
    has: (key) => (config[key] ?? null) !== null,
    inside: (entry, key) => entryOf(config, entry)[key],
    schedules: (entry) => schedules(config, entry),
  };
  return conflicts
    .filter(({ isMet }) => isMet(settings))
    .map(({ what, hint }) => ({
      code: 'ASCEND_CONFIG_CONFLICT',
      message: `--additional-config has ${what}, which vllm-ascend refuses`,
      hint,
      source: 'vllm_ascend/ascend_config.py, platform.py and utils.py',
    }));
}
