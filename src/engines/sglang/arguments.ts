import type { EngineRequest } from '../engine.ts';
import { extraArgNotes, joinArguments } from '../extra-args.ts';
import type { Note } from '../reason.ts';
import type { Role } from '../workload.ts';
import { hasFlag, optionArguments } from './flags.ts';
import { sglangFraction } from './memory.ts';
import { parallelArguments } from './parallel-arguments.ts';
import { platformOf } from './platform.ts';
import { apiKeyArguments, serverArguments } from './server-arguments.ts';
import { dispatchSequences, graphBatch, usesLowLatencyDispatch } from './sizes.ts';

/**
 * Arguments after `sglang.launch_server`: on every pod of a group the same, with its own node rank.
 * Schedulers read options that look like the front end's too, the reasoning parser for one, and ranks
 * that disagree would hang. Only the API key stays with the leader.
 */
export function sglangArguments(request: EngineRequest, role: Role): string[] {
  const { group, release } = request;
  return joinArguments(generatedArguments(request, role), group.extraArgs, release);
}

/** What of it the user's own arguments replace. */
export function replacedNotes(request: EngineRequest): Note[] {
  const { group, release, podsPerGroup } = request;
  const role = podsPerGroup === 1 ? 'single' : 'leader';
  return extraArgNotes(generatedArguments(request, role), group.extraArgs, release);
}

/** What dsdeploy writes before the user's own arguments. */
function generatedArguments(request: EngineRequest, role: Role): string[] {
  return [
    '--model-path',
    request.modelPath,
    '--trust-remote-code',
    ...parallelArguments(request),
    '--host',
    '0.0.0.0',
    '--port',
    String(request.api.port),
    ...serverArguments(request),
    ...(role === 'worker' ? [] : apiKeyArguments(request)),
    ...cacheArguments(request),
    ...deviceArguments(request),
    ...batchArguments(request),
    ...speculativeArguments(request),
    ...timeoutArguments(request),
  ];
}

/** The page size is not written: for sparse attention SGLang sets it whatever a flag says. */
function cacheArguments(request: EngineRequest): string[] {
  const { group, accelerator } = request;
  const fraction = group.memoryUtilization ?? sglangFraction(request);
  const dtype = group.kvCache === 'fp8' ? 'fp8_e4m3' : 'bfloat16';
  return [
    '--context-length',
    String(group.contextTokens),
    '--mem-fraction-static',
    String(fraction),
    // The Ascend backend knows one type and is not told it.
    ...(accelerator.vendor === 'huawei' ? [] : ['--kv-cache-dtype', dtype]),
  ];
}

function deviceArguments(request: EngineRequest): string[] {
  const { accelerator, release, model } = request;
  switch (accelerator.vendor) {
    case 'nvidia':
      return [];
    case 'amd':
      if (model.architecture.indexer === undefined) return [];
      return [
        ...optionArguments(release, 'dsaPrefillBackend', 'tilelang'),
        ...optionArguments(release, 'dsaDecodeBackend', 'tilelang'),
      ];
    case 'huawei':
      return [
        '--device',
        'npu',
        '--attention-backend',
        'ascend',
        ...(model.weightFormat === 'w8a8' ? ['--quantization', 'modelslim'] : []),
      ];
  }
}

/** SGLang counts requests and prefill tokens over all attention data ranks, the spec per rank. */
function batchArguments(request: EngineRequest): string[] {
  const { group, parallelism, release } = request;
  const limited = usesLowLatencyDispatch(request);
  const sequences = limited ? dispatchSequences(request) : group.maxSequences;
  const graphs = graphBatch(request);
  return [
    ...(group.maxBatchedTokens === undefined
      ? []
      : ['--chunked-prefill-size', String(group.maxBatchedTokens * parallelism.data)]),
    ...(sequences === undefined
      ? []
      : ['--max-running-requests', String(sequences * parallelism.data)]),
    ...(graphs === undefined ? [] : optionArguments(release, 'graphMaxBatch', graphs)),
  ];
}

/** One chain of drafts from the model's own module; more branches are refused for this cache. */
function speculativeArguments({ group }: EngineRequest): string[] {
  if (group.mtpTokens === 0) return [];
  return [
    '--speculative-algorithm',
    'EAGLE',
    '--speculative-num-steps',
    String(group.mtpTokens),
    '--speculative-eagle-topk',
    '1',
    '--speculative-num-draft-tokens',
    String(group.mtpTokens + 1),
  ];
}

/** Ranks wait for each other at the first collective, so the slowest load must be within it. */
function timeoutArguments(request: EngineRequest): string[] {
  const { accelerator, startupBudgetSeconds, release } = request;
  return [
    '--watchdog-timeout',
    String(platformOf(accelerator).watchdogSeconds),
    ...(hasFlag(release, '--dist-timeout') ? ['--dist-timeout', String(startupBudgetSeconds)] : []),
  ];
}
