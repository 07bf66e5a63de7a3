import type { LogMilestone, MetricNames } from '../engine.ts';

/** @source vLLM start-up logs; LMCache/LMCache#2521 for the warm-up of DeepGEMM */
export const vllmMilestones: readonly LogMilestone[] = [
  { phase: 'configured', pattern: /Resolved architecture/ },
  { phase: 'connected', pattern: /world_size=\d+ rank=\d+|Connected all|init_process_group/ },
  {
    phase: 'loading weights',
    pattern: /Loading safetensors checkpoint shards|Starting to load model/,
  },
  { phase: 'weights loaded', pattern: /Model loading took [\d.]+ Gi?B/ },
  {
    phase: 'warming up',
    pattern: /DeepGEMM warm-?up|torch\.compile (?:takes|took)|Dynamo bytecode/i,
  },
  { phase: 'cache sized', pattern: /(?:GPU|NPU)? ?KV cache size: [\d,]+ tokens/ },
  {
    phase: 'capturing graphs',
    pattern: /Capturing (?:CUDA|ACL) graphs|Graph capturing finished/i,
  },
  { phase: 'serving', pattern: /Application startup complete/ },
];

/**
 * The front end makes the counters of every rank it serves when it starts, so a rank that is absent is
 * unknown to it.
 *
 * @source vllm/v1/metrics/loggers.py, PrometheusStatLogger; counters are exported with `_total`
 */
export const vllmMetrics: MetricNames = {
  rankLabel: 'engine',
  running: 'vllm:num_requests_running',
  waiting: 'vllm:num_requests_waiting',
  kvUsage: 'vllm:kv_cache_usage_perc',
  prefixHits: 'vllm:prefix_cache_hits_total',
  prefixQueries: 'vllm:prefix_cache_queries_total',
  promptTokens: 'vllm:prompt_tokens_total',
  generationTokens: 'vllm:generation_tokens_total',
  timeToFirstToken: 'vllm:time_to_first_token_seconds',
  interTokenLatency: 'vllm:inter_token_latency_seconds',
  endToEndLatency: 'vllm:e2e_request_latency_seconds',
  queueTime: 'vllm:request_queue_time_seconds',
  preemptions: 'vllm:num_preemptions_total',
  draftTokens: 'vllm:spec_decode_num_draft_tokens_total',
  acceptedTokens: 'vllm:spec_decode_num_accepted_tokens_total',
};
