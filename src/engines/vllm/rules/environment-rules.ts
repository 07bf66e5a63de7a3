import { closest } from 'fastest-levenshtein';
import { type EngineReleaseRow, engineReleases, findEnvironment } from '../../../catalog/index.ts';
import type { ExtrasQuestion } from '../../engine.ts';
import { checkOwnedVariables } from '../../owned-variables.ts';
import type { Reason } from '../../reason.ts';
import { kvConnectorOf } from '../kv-connector.ts';

/** What replaces a variable that vLLM no longer reads. */
const successors: Readonly<Record<string, string>> = {
  VLLM_ALL2ALL_BACKEND: 'groups[].allToAll',
  VLLM_ATTENTION_BACKEND: 'extraArgs: ["--attention-backend=..."]',
  VLLM_RPC_TIMEOUT: 'nothing: it was removed',
  VLLM_USE_FLASHINFER_MOE_FP8: 'extraArgs: ["--moe-backend=..."]',
  VLLM_USE_FLASHINFER_MOE_FP4: 'extraArgs: ["--moe-backend=..."]',
  VLLM_USE_V1: 'nothing: there is no other engine any more',
};

/** Variables whose value the place of a pod decides, with what sets them. */
const placedVariables: Readonly<Record<string, string>> = {
  VLLM_HOST_IP: "the pod's own address",
  VLLM_NIXL_SIDE_CHANNEL_HOST: "the pod's own address",
  VLLM_API_KEY: 'api.keySecret',
  VLLM_PORT: 'nothing: vLLM picks its inner ports',
  GLOO_SOCKET_IFNAME: 'pools.*.fabric.socketInterface',
  NCCL_SOCKET_IFNAME: 'pools.*.fabric.socketInterface',
};

/** Rules the user's `extraEnv` breaks. */
export function checkVllmVariables(question: ExtrasQuestion): Reason[] {
  const { extraEnv } = question.group;
  return [
    ...Object.keys(extraEnv).flatMap((name) => unreadVariable(name, question.release)),
    ...checkOwnedVariables(extraEnv, placedVariables),
    ...readyTimeout(question),
    ...expandableSegments(question),
  ];
}

/** vLLM only warns of a name it does not know, so a recipe that sets one is silently off. */
function unreadVariable(name: string, release: EngineReleaseRow): Reason[] {
  const known = findEnvironment(release) ?? [];
  if (!name.startsWith('VLLM_') || known.length === 0 || known.includes(name)) return [];
  const successor = successors[name];
  const last = engineReleases.find(
    (row) => row.engine === release.engine && findEnvironment(row)?.includes(name) === true,
  );
  if (successor === undefined && last === undefined) {
    return [
      {
        code: 'ENGINE_ENV_UNKNOWN',
        message: `extraEnv sets ${name}, which ${release.engine} ${release.version} does not read`,
        hint: `Use the nearest name, ${closest(name, known)}, or leave it out.`,
        source: 'vllm/envs.py of the release',
      },
    ];
  }
  const until = last === undefined ? '' : `; release ${last.version} did`;
  return [
    {
      code: 'ENGINE_ENV_REMOVED',
      message: `extraEnv sets ${name}, which ${release.engine} ${release.version} no longer reads${until}`,
      hint: `Use ${successor ?? `the nearest name, ${closest(name, known)}, if it means the same`}.`,
      source: 'vllm/envs.py of the release',
    },
  ];
}

/** The engine must not give up before the probe does, or a slow load is a crash loop. */
function readyTimeout({ group, startupBudgetSeconds }: ExtrasQuestion): Reason[] {
  const given = group.extraEnv.VLLM_ENGINE_READY_TIMEOUT_S;
  if (given === undefined || Number(given) >= startupBudgetSeconds) return [];
  return [
    {
      code: 'VLLM_READY_TIMEOUT_SHORT',
      message: `extraEnv sets VLLM_ENGINE_READY_TIMEOUT_S to ${given}, and a start may take ${startupBudgetSeconds} s`,
      hint: `Remove it, or set ${startupBudgetSeconds} or more.`,
      source: 'vllm/envs.py: default 600 s, shorter than a cold load of 689 GB',
    },
  ];
}

function expandableSegments({ group }: ExtrasQuestion): Reason[] {
  const allocator = group.extraEnv.PYTORCH_CUDA_ALLOC_CONF ?? group.extraEnv.PYTORCH_ALLOC_CONF;
  const expandable = /expandable_segments:\s*true/i.test(allocator ?? '');
  if (!expandable || kvConnectorOf(group.extraArgs) === undefined) return [];
  return [
    {
      code: 'VLLM_EXPANDABLE_SEGMENTS_WITH_CONNECTOR',
      message: 'extraEnv sets expandable_segments:True beside a KV connector, which vLLM refuses',
      hint: 'Remove it from PYTORCH_CUDA_ALLOC_CONF, or drop --kv-transfer-config.',
      source: 'vllm/config/vllm.py',
    },
  ];
}
