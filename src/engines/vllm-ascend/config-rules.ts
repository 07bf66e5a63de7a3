import { closest } from 'fastest-levenshtein';
import { findRegistry } from '../../catalog/index.ts';
import type { ExtrasQuestion } from '../engine.ts';
import type { Reason } from '../reason.ts';
import {
  type AdditionalConfig,
  entryOf,
  isObject,
  isSet,
  readAdditionalConfig,
} from './additional-config.ts';
import { checkConflicts } from './config-conflicts.ts';
import { checkValues } from './config-values.ts';

/** Settings that vllm-ascend refuses, or leaves unread, whatever the parallel layout. */
export function checkConfig(question: ExtrasQuestion): Reason[] {
  const { extraArgs, extraEnv } = question.group;
  const config = readAdditionalConfig(extraArgs);
  return [
    ...unknownKeys(config, question),
    ...checkValues(config),
    ...halfOfPair(config),
    ...checkConflicts(config, extraEnv),
    ...balancingIsSwitchedOn(config, extraEnv),
    ...graphsNeedQueues(question),
  ];
}

/** vllm-ascend reads past a key of its own configuration that it does not know: a slip is silently off. */
function unknownKeys(config: AdditionalConfig, { release }: ExtrasQuestion): Reason[] {
  const known = findRegistry(release)?.additionalConfigKeys;
  if (known === undefined) return [];
  return Object.keys(config)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      code: 'ASCEND_CONFIG_UNKNOWN',
      message: `--additional-config has "${key}", which ${release.engine} ${release.version} does not know`,
      hint: `Use the nearest key, ${closest(key, known)}, or remove it.`,
      source: 'keys that the sources of the release read',
    }));
}

/** Settings for one half of a pair that prefills or decodes, which no group of dsdeploy is. */
const halves: readonly (readonly [key: string, half: string])[] = [
  ['layer_sharding', 'prefills'],
  ['recompute_scheduler_enable', 'decodes'],
  ['scheduler_config.recompute_scheduler_enable', 'decodes'],
  ['enable_kv_nz', 'decodes'],
  ['finegrained_tp_config.oproj_tensor_parallel_size', 'decodes'],
  ['finegrained_tp_config.olora_tensor_parallel_size', 'decodes'],
  ['finegrained_tp_config.embedding_tensor_parallel_size', 'decodes'],
];

function halfOfPair(config: AdditionalConfig): Reason[] {
  return halves
    .filter(([path]) => isSet(valueAt(config, path)))
    .map(([path, half]) => ({
      code: 'ASCEND_CONFIG_DISAGGREGATED',
      message: `--additional-config sets ${path}, which vllm-ascend takes only from a group that ${half} for another`,
      hint: 'Remove it: a group of dsdeploy prefills and decodes.',
      source: 'vllm_ascend/platform.py and ascend_config.py',
    }));
}

function valueAt(config: AdditionalConfig, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((entry, key) => (isObject(entry) ? entry[key] : undefined), config);
}

/** Its own balancing of experts runs only when a variable says so too. */
function balancingIsSwitchedOn(
  config: AdditionalConfig,
  { DYNAMIC_EPLB: dynamic = '', EXPERT_MAP_RECORD: record }: Readonly<Record<string, string>>,
): Reason[] {
  const balancing = entryOf(config, 'eplb_config');
  const wanted = isSet(balancing['dynamic_eplb']) || isSet(balancing['expert_map_record_path']);
  const isReady = ['true', '1'].includes(dynamic.toLowerCase()) || record === 'true';
  if (!wanted || isReady) return [];
  return [
    {
      code: 'ASCEND_EPLB_SWITCH',
      message:
        '--additional-config turns dynamic balancing of experts on (eplb_config), and extraEnv has no DYNAMIC_EPLB',
      hint: 'Add extraEnv: { DYNAMIC_EPLB: "true" }.',
      source: 'vllm_ascend/ascend_config.py',
    },
  ];
}

function graphsNeedQueues({ group }: ExtrasQuestion): Reason[] {
  const blocking = group.extraEnv['ASCEND_LAUNCH_BLOCKING'] === '1';
  if (!blocking || group.extraArgs.includes('--enforce-eager')) return [];
  return [
    {
      code: 'ASCEND_LAUNCH_BLOCKING',
      message: 'extraEnv sets ASCEND_LAUNCH_BLOCKING to 1, with which no graph runs',
      hint: 'Remove it, or add --enforce-eager to extraArgs while you look for a fault.',
      source: 'vllm_ascend/platform.py',
    },
  ];
}
