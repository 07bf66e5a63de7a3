import type { LogMilestone, MetricNames } from '../engine.ts';

/**
 * The line of the cache's size also comes before the first graph; that of the whole pool's tokens,
 * from the scheduler, after the last.
 *
 * @source SGLang sources of 0.5.12, 0.5.16 and 0.5.23; `parallel` in place of `torch distributed` is
 * the newest wording
 */
export const sglangMilestones: readonly LogMilestone[] = [
  { phase: 'configured', pattern: /server_args=/ },
  { phase: 'connected', pattern: /Init (torch distributed|parallel) (begin|ends)/ },
  { phase: 'loading weights', pattern: /Load weight begin/ },
  { phase: 'weights loaded', pattern: /Load weight end/ },
  { phase: 'cache sized', pattern: /Memory pool end/ },
  { phase: 'capturing graphs', pattern: /Capture .*begin/ },
  { phase: 'warming up', pattern: /max_total_num_tokens=\d+/ },
  { phase: 'serving', pattern: /The server is fired up and ready to roll!/ },
];

/**
 * The server exports the ranks of its own node only, without a label for each.
 *
 * @source SGLang observability/metrics_collector.py of 0.5.12, 0.5.16 and 0.5.23
 */
export const sglangMetrics: MetricNames = {
  running: 'sglang:num_running_reqs',
  waiting: 'sglang:num_queue_reqs',
  kvUsage: 'sglang:token_usage',
  prefixHitRate: 'sglang:cache_hit_rate',
  promptTokens: 'sglang:prompt_tokens_total',
  generationTokens: 'sglang:generation_tokens_total',
  timeToFirstToken: 'sglang:time_to_first_token_seconds',
  interTokenLatency: 'sglang:inter_token_latency_seconds',
  endToEndLatency: 'sglang:e2e_request_latency_seconds',
  queueTime: 'sglang:queue_time_seconds',
  preemptions: 'sglang:num_retracted_reqs',
  acceptLength: 'sglang:spec_accept_length',
};
