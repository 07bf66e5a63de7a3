import { closest } from 'fastest-levenshtein';
import { findEnvironment } from '../../../catalog/index.ts';
import type { ExtrasQuestion } from '../../engine.ts';
import { checkOwnedVariables } from '../../owned-variables.ts';
import type { Reason } from '../../reason.ts';

/** Renamed or removed variables that recipes still set. */
const successors: Readonly<Record<string, string>> = {
  SGLANG_ENABLE_THINKING: 'api.thinking',
  SGLANG_DEFAULT_THINKING: 'api.thinking',
  SGLANG_ENABLE_SPEC_V2: 'nothing: it is always on',
  SGLANG_NPU_FUSED_MOE_MODE: 'extraArgs: ["--fuseep-mode=2"]',
};

/** Variables whose value the place of a pod decides, with what sets them. */
const placedVariables: Readonly<Record<string, string>> = {
  SGLANG_HOST_IP: "the pod's own address",
  SGLANG_API_KEY: 'api.keySecret',
  HCCL_IF_IP: "the pod's own address",
  GLOO_SOCKET_IFNAME: 'pools.*.fabric.socketInterface',
  NCCL_SOCKET_IFNAME: 'pools.*.fabric.socketInterface',
  HCCL_SOCKET_IFNAME: 'pools.*.fabric.socketInterface',
};

/** Rules the user's own variables break. */
export function checkVariables({ group, release }: ExtrasQuestion): Reason[] {
  const known = findEnvironment(release);
  return [
    ...checkOwnedVariables(group.extraEnv, placedVariables),
    ...Object.entries(group.extraEnv).flatMap(([name, value]) => [
      ...(known === undefined ? [] : unknownVariable(name, known)),
      ...staticHealth(name, value),
    ]),
  ];
}

/** SGLang ignores a variable it does not know, so a mistyped one is silently off. */
function unknownVariable(name: string, known: readonly string[]): Reason[] {
  if (!/^SGL(ANG)?_/.test(name) || known.includes(name) || name in placedVariables) return [];
  return [
    {
      code: 'ENGINE_ENV_UNKNOWN',
      message: `extraEnv sets ${name}, which this release of SGLang does not read`,
      hint: `Use ${successorOf(name, known)}.`,
      source: 'names in the sources of the release',
    },
  ];
}

function successorOf(name: string, known: readonly string[]): string {
  const renamed = [
    name.replace(/^SGL_/, 'SGLANG_'),
    name.replace('SGLANG_NSA_', 'SGLANG_DSA_'),
    name.replace('SGLANG_DSA_', 'SGLANG_NSA_'),
  ];
  return (
    successors[name] ??
    renamed.find((candidate) => candidate !== name && known.includes(candidate)) ??
    `the nearest name, ${closest(name, known)}, or leave it out`
  );
}

/** Without generation `/health` says 200 also when every scheduler is stuck. */
function staticHealth(name: string, value: string): Reason[] {
  const off = /^(0|false|no|n|off)$/i.test(value);
  if (name !== 'SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION' || !off) return [];
  return [
    {
      code: 'SGLANG_HEALTH_STATIC',
      message: `extraEnv sets ${name}=${value}: probes could not fail any more`,
      hint: 'Remove it; raise SGLANG_HEALTH_CHECK_TIMEOUT if long prefills fail the probe.',
      source: 'SGLang http_server.py, health_generate',
    },
  ];
}
