import { closest } from 'fastest-levenshtein';
import type { Reason } from '../reason.ts';
import { type AdditionalConfig, entryOf, isObject, withScheduler } from './additional-config.ts';

/** What a value must be: a test, and the words for it. */
type Kind = readonly [test: (value: unknown) => boolean, words: string];

const source = 'vllm_ascend/ascend_config.py';

const anything: Kind = [() => true, 'anything'];
const truth: Kind = [(value) => typeof value === 'boolean', 'true or false'];
const fraction: Kind = [
  (value) => typeof value === 'number' && value > 0 && value <= 1,
  'a number above 0 and up to 1',
];
const notNegative: Kind = [
  (value) => typeof value === 'number' && value >= 0,
  'a number, 0 or more',
];
const jsonFile: Kind = [
  (value) => value === null || (typeof value === 'string' && value.endsWith('.json')),
  'the path of a .json file',
];

function atLeast(least: number): Kind {
  return [
    (value) => Number.isInteger(value) && Number(value) >= least,
    `a whole number, ${least} or more`,
  ];
}

function oneOf(...values: readonly unknown[]): Kind {
  return [(value) => values.includes(value), `one of ${values.join(', ')}`];
}

/** Entries whose values the engine checks when it starts. */
const entries: Readonly<Record<string, Readonly<Partial<Record<string, Kind>>>>> = {
  eplb_config: {
    dynamic_eplb: truth,
    expert_map_path: jsonFile,
    expert_heat_collection_interval: atLeast(0),
    algorithm_execution_interval: atLeast(0),
    expert_map_record_path: jsonFile,
    num_redundant_experts: atLeast(0),
    eplb_policy_type: oneOf(0, 1, 2, 3),
    eplb_heat_collection_stage: oneOf('all', 'prefill', 'decode'),
  },
  rejection_sampler_config: {
    enable_block_verify: truth,
    enable_entropy_verify: truth,
    posterior_threshold: fraction,
    posterior_alpha: notNegative,
  },
  profiling_chunk_config: {
    smooth_factor: fraction,
    min_chunk: atLeast(1),
    max_fit_chunk: atLeast(6),
  },
  short_request_first_config: {
    enabled: anything,
    threshold: atLeast(0),
    long_max_wait_ms: notNegative,
  },
};

/** Entries that stop the engine at a key they do not have; it reads past such a key of the others. */
const closedEntries = ['eplb_config', 'short_request_first_config'];

const tokensKey = 'mega_moe_max_tokens';

/** Values of the wrong kind, and keys inside an entry that has no such key. */
export function checkValues(config: AdditionalConfig): Reason[] {
  const all = withScheduler(config);
  return [
    ...(tokensKey in config ? checkValue(tokensKey, config[tokensKey], atLeast(1)) : []),
    ...Object.entries(all).flatMap(([key, value]) =>
      key.endsWith('_config') ? checkValue(key, value, [isObject, 'an object, { }']) : [],
    ),
    ...Object.entries(entries).flatMap(([entry, known]) =>
      Object.entries(entryOf(all, entry)).flatMap(([key, value]) => {
        const kind = known[key];
        if (kind !== undefined) return checkValue(`${entry}.${key}`, value, kind);
        return closedEntries.includes(entry) ? [unknownInside(entry, key, Object.keys(known))] : [];
      }),
    ),
  ];
}

function checkValue(path: string, value: unknown, [test, words]: Kind): Reason[] {
  if (test(value)) return [];
  return [
    {
      code: 'ASCEND_CONFIG_VALUE',
      message: `--additional-config sets ${path} to ${JSON.stringify(value)}, and it must be ${words}`,
      hint: `Write ${words}, or remove it.`,
      source,
    },
  ];
}

function unknownInside(entry: string, key: string, known: readonly string[]): Reason {
  return {
    code: 'ASCEND_CONFIG_UNKNOWN',
    message: `--additional-config has "${key}" in ${entry}, at which vllm-ascend stops`,
    hint: `Use the nearest key, ${closest(key, known)}, or remove it.`,
    source,
  };
}
