import type { EngineRequest } from '../engine.ts';
import type { Role } from '../workload.ts';

/** Port of the data-parallel coordinator on the leader. */
export const dataParallelRpcPort = 13_345;

/** Replaced by the start script with worker index x ranks per pod; see `startRank`. */
export const startRankToken = '$(DSDEPLOY_START_RANK)';

/** Data-parallel ranks each pod of the group runs. */
export function dataRanksPerPod({ parallelism, podsPerGroup }: EngineRequest): number {
  return parallelism.data / podsPerGroup;
}

/**
 * Arguments after `vllm serve`, the model path first.
 *
 * All pods of a group get identical parallel flags: the leader compares a hash of its parallel
 * configuration with every worker's and refuses to start otherwise (vllm/v1/engine/utils.py).
 */
export function vllmArguments(request: EngineRequest, role: Role): string[] {
  return [
    request.modelPath,
    ...parallelArguments(request),
    ...(role === 'worker' ? workerArguments(request) : serverArguments(request)),
    ...modelArguments(request),
    ...request.group.extraArgs,
  ];
}

function parallelArguments(request: EngineRequest): string[] {
  const { parallelism, podsPerGroup } = request;
  const args = ['--tensor-parallel-size', String(parallelism.tensor)];
  if (parallelism.pipeline > 1) {
    args.push('--pipeline-parallel-size', String(parallelism.pipeline));
  }
  if (parallelism.data > 1) args.push('--data-parallel-size', String(parallelism.data));
  if (podsPerGroup > 1) {
    args.push('--data-parallel-size-local', String(dataRanksPerPod(request)));
    args.push('--data-parallel-address', '$(LWS_LEADER_ADDRESS)');
    args.push('--data-parallel-rpc-port', String(dataParallelRpcPort));
  }
  if (parallelism.expert) args.push('--enable-expert-parallel');
  return args;
}

/**
 * A worker has no API server. Its first rank must be told; the leader's never, because since 0.28 a
 * start rank on an API server, 0 included, switches it to hybrid load balancing, which refuses
 * headless peers.
 *
 * @source vllm-project/vllm#47692; gpustack/gpustack#6236
 */
function workerArguments(request: EngineRequest): string[] {
  return ['--headless', '--data-parallel-start-rank', startRank(request)];
}

/** A literal where the group has one worker, so that the manifest reads as it runs. */
function startRank(request: EngineRequest): string {
  return request.podsPerGroup === 2 ? String(dataRanksPerPod(request)) : startRankToken;
}

function serverArguments(request: EngineRequest): string[] {
  const { api } = request;
  const args = ['--port', String(api.port), '--served-model-name', ...api.servedModelNames];
  // One front end per local rank; the default, one per rank of the whole group, crowds the leader.
  if (request.parallelism.data > 1) {
    args.push('--api-server-count', String(dataRanksPerPod(request)));
  }
  args.push('--tokenizer-mode', 'deepseek_v32');
  args.push('--reasoning-parser', 'deepseek_v3');
  args.push('--enable-auto-tool-choice', '--tool-call-parser', 'deepseek_v32');
  args.push('--default-chat-template-kwargs', JSON.stringify({ thinking: api.thinking }));
  args.push('--override-generation-config', samplingJson(request));
  args.push('--shutdown-timeout', String(api.drainSeconds));
  args.push('--disable-access-log-for-endpoints', '/health,/metrics');
  return args;
}

function samplingJson({ api }: EngineRequest): string {
  return JSON.stringify({ temperature: api.sampling.temperature, top_p: api.sampling.topP });
}

function modelArguments({ group, release }: EngineRequest): string[] {
  const utilization = group.memoryUtilization ?? release.memoryUtilization;
  const args = [
    '--max-model-len',
    String(group.contextTokens),
    '--kv-cache-dtype',
    group.kvCache === 'fp8' ? 'fp8' : 'bfloat16',
    '--gpu-memory-utilization',
    String(utilization),
    '--enable-prefix-caching',
    '--trust-remote-code',
    // The V3.2 recipe turns FlashInfer's autotuner off; as JSON the key exists in every release.
    '--kernel-config',
    JSON.stringify({ enable_flashinfer_autotune: false }),
  ];
  if (group.maxBatchedTokens !== undefined) {
    args.push('--max-num-batched-tokens', String(group.maxBatchedTokens));
  }
  if (group.mtpTokens > 0) {
    const config = { method: 'mtp', num_speculative_tokens: group.mtpTokens };
    args.push('--speculative-config', JSON.stringify(config));
  }
  return args;
}
