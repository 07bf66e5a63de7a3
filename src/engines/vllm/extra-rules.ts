import { checkArguments, parseFlags } from '../argument-check.ts';
import type { EngineRequest } from '../engine.ts';
import type { Reason } from '../reason.ts';

/** Flags dsdeploy writes itself, with the place in the spec that sets them. */
const ownedFlags: Readonly<Record<string, string>> = {
  '--model': 'model.id and model.weights',
  '--served-model-name': 'api.servedModelNames',
  '--port': 'api.port',
  '--host': 'nothing: it listens on all interfaces',
  '--api-key': 'api.keySecret',
  '--tensor-parallel-size': 'groups[].parallelism.tensor',
  '-tp': 'groups[].parallelism.tensor',
  '--pipeline-parallel-size': 'groups[].parallelism.pipeline',
  '-pp': 'groups[].parallelism.pipeline',
  '--data-parallel-size': 'groups[].parallelism.data',
  '-dp': 'groups[].parallelism.data',
  '--data-parallel-size-local': 'groups[].parallelism and groups[].nodes',
  '--data-parallel-address': 'groups[].nodes',
  '--data-parallel-rpc-port': 'groups[].nodes',
  '--data-parallel-start-rank': 'groups[].nodes',
  '--api-server-count': 'groups[].parallelism',
  '--headless': 'groups[].nodes',
  '--nnodes': 'groups[].nodes',
  '--node-rank': 'groups[].nodes',
  '--master-addr': 'groups[].nodes',
  '--enable-expert-parallel': 'groups[].parallelism.expert',
  '--max-model-len': 'groups[].context',
  '--kv-cache-dtype': 'groups[].kvCache',
  '--gpu-memory-utilization': 'groups[].memoryUtilization',
  '--max-num-batched-tokens': 'groups[].maxBatchedTokens',
  '--speculative-config': 'groups[].mtpTokens',
  '--shutdown-timeout': 'api.drain',
};

/** Environment names vLLM no longer reads: it only warns, so a recipe that sets them is silently off. */
const removedEnvironment: Readonly<Record<string, string>> = {
  VLLM_ALL2ALL_BACKEND: 'extraArgs: [--all2all-backend, ...]',
  VLLM_ATTENTION_BACKEND: 'extraArgs: [--attention-backend, ...]',
  VLLM_RPC_TIMEOUT: 'nothing: it was removed',
  VLLM_USE_FLASHINFER_MOE_FP8: 'extraArgs: [--moe-backend, ...]',
  VLLM_USE_FLASHINFER_MOE_FP4: 'extraArgs: [--moe-backend, ...]',
};

/** Rules the user's `extraArgs` and `extraEnv` break. */
export function checkVllmExtras({
  group,
  release,
}: Pick<EngineRequest, 'group' | 'release'>): Reason[] {
  return [
    ...checkArguments(group.extraArgs, release),
    ...group.extraArgs.filter((arg, index) => index === 0 && !arg.startsWith('-')).map(positional),
    ...parseFlags(group.extraArgs).flatMap(({ flag }) => ownedFlag(flag)),
    ...Object.keys(group.extraEnv).flatMap(removedVariable),
  ];
}

function positional(arg: string): Reason {
  return {
    code: 'ENGINE_ARGUMENT_POSITIONAL',
    message: `extraArgs starts with "${arg}", which is not a flag`,
    hint: 'Start with a flag, for example `--max-num-seqs`.',
    source: 'vllm serve takes the model as its only positional argument',
  };
}

function ownedFlag(flag: string): Reason[] {
  const owner = ownedFlags[flag];
  if (owner === undefined) return [];
  return [
    {
      code: 'ENGINE_ARGUMENT_OWNED',
      message: `extraArgs repeats ${flag}, which dsdeploy writes itself`,
      hint: `Remove it; it is set by ${owner}.`,
      source: 'a second value would make pods of one group disagree',
    },
  ];
}

function removedVariable(name: string): Reason[] {
  const successor = removedEnvironment[name];
  if (successor === undefined) return [];
  return [
    {
      code: 'ENGINE_ENV_REMOVED',
      message: `extraEnv sets ${name}, which vLLM no longer reads`,
      hint: `Use ${successor}.`,
      source: 'vllm/envs.py, removed between 2026-02 and 2026-06',
    },
  ];
}
