import type { ExtrasQuestion } from '../engine.ts';
import type { OwnedFlags } from '../extra-args.ts';
import { checkOwnedVariables } from '../owned-variables.ts';
import type { Reason } from '../reason.ts';
import { ownedFlags } from '../vllm/owned-flags.ts';
import { checkVllmArguments } from '../vllm/rules/extra-rules.ts';
import { checkLoadBalancing } from '../vllm/rules/load-balancing-rules.ts';
import { checkConfig } from './config-rules.ts';

/** Flags this engine writes itself, besides those of vLLM, with what sets them. */
const owned: OwnedFlags = {
  ...ownedFlags,
  '--quantization': 'model.id: the weights decide it',
  '--compilation-config': 'dsdeploy: batch sizes that fit the streams of a device',
};

/** Rules of vllm-ascend that hold whatever the layout. */
export function checkAscendExtras(question: ExtrasQuestion): Reason[] {
  return [
    ...checkVllmArguments(question, owned),
    ...checkLoadBalancing(question),
    ...checkConfig(question),
    ...backendIsChosen(question),
    ...balancing(question),
    ...cacheType(question),
    ...checkOwnedVariables(question.group.extraEnv, ownedVariables),
  ];
}

function backendIsChosen({ group }: ExtrasQuestion): Reason[] {
  if (group.allToAll === 'auto') return [];
  return [
    refuse(
      'ASCEND_ALL2ALL',
      `allToAll: ${group.allToAll}, and vllm-ascend chooses how tokens reach experts itself`,
      {
        hint: 'Set allToAll: auto.',
        source: 'vllm_ascend/ops/fused_moe: MC2, all-to-all or all-gather by batch size',
      },
    ),
  ];
}

function balancing({ group }: ExtrasQuestion): Reason[] {
  if (group.redundantExperts === 0) return [];
  return [
    refuse(
      'ASCEND_EPLB',
      `redundantExperts ${group.redundantExperts}: vLLM's expert balancing runs on CUDA and ROCm only`,
      {
        hint: 'Set redundantExperts: 0; vllm-ascend has its own, --additional-config with eplb_config.',
        source: 'vllm/config/parallel.py; vllm-ascend eplb guide',
      },
    ),
  ];
}

function cacheType({ group }: ExtrasQuestion): Reason[] {
  if (group.kvCache === 'bf16') return [];
  return [
    refuse('ASCEND_KV_CACHE', 'kvCache: fp8, and A2 and A3 have no 8-bit floating point', {
      hint: 'Set kvCache: bf16.',
      source: 'vllm-ascend support matrix',
    }),
  ];
}

const perNode = "the pod's own address and pools.*.fabric.socketInterface";

/** Variables whose value the place of a pod decides, besides those of vLLM. */
const ownedVariables = {
  HCCL_IF_IP: perNode,
  HCCL_SOCKET_IFNAME: perNode,
  TP_SOCKET_IFNAME: perNode,
};

function refuse(
  code: string,
  message: string,
  rest: { readonly hint: string; readonly source: string },
): Reason {
  return { code, message, ...rest };
}
