import { describe, expect, test } from 'vitest';

import { RankMetrics } from '../../../src/sandbox/agent/rank-metrics.ts';

/** What a simulator says after some requests of 10 prompt tokens and `tokens` of answer. */
function exposition({ succeeded = 0, tokens = 0, running = 0 }): string {
  return [
    '# TYPE vllm:num_requests_running gauge',
    `vllm:num_requests_running{model_name="v32"} ${running}`,
    'vllm:kv_cache_usage_perc{model_name="v32"} 0.25',
    `vllm:prompt_tokens_total{model_name="v32"} ${10 * succeeded}`,
    `vllm:generation_tokens_total{model_name="v32"} ${tokens}`,
    `vllm:request_success_total{finish_reason="stop",model_name="v32"} ${succeeded}`,
    `vllm:time_to_first_token_seconds_sum{model_name="v32"} ${succeeded / 4}`,
    'process_open_fds 7',
  ].join('\n');
}

/** Values of one sample by rank, in the order of the page. */
function valuesOf(page: string, name: string): readonly number[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .map((line) => Number(line.split(' ').at(-1)));
}

describe('RankMetrics', () => {
  test('labels every sample of vLLM once for each rank, and leaves the rest', () => {
    const page = new RankMetrics([0, 1]).page(exposition({}));
    expect(page.split('\n').slice(0, 5)).toEqual([
      '# TYPE vllm:num_requests_running gauge',
      'vllm:num_requests_running{engine="0",model_name="v32"} 0',
      'vllm:num_requests_running{engine="1",model_name="v32"} 0',
      'vllm:kv_cache_usage_perc{engine="0",model_name="v32"} 0.25',
      'vllm:kv_cache_usage_perc{engine="1",model_name="v32"} 0.25',
    ]);
    expect(page.split('\n').at(-1)).toBe('process_open_fds 7');
  });

  test('counts a request on the rank at the place it names', () => {
    const metrics = new RankMetrics([0, 1, 2]);
    const request = metrics.begin(2);
    expect(valuesOf(metrics.page(exposition({ running: 1 })), 'vllm:num_requests_running')).toEqual(
      [0, 0, 1],
    );
    metrics.end(request, true);
    const page = metrics.page(exposition({ succeeded: 1, tokens: 3 }));
    expect(valuesOf(page, 'vllm:prompt_tokens_total')).toEqual([0, 0, 10]);
    expect(valuesOf(page, 'vllm:generation_tokens_total')).toEqual([0, 0, 3]);
    expect(valuesOf(page, 'vllm:time_to_first_token_seconds_sum')).toEqual([0, 0, 0.25]);
  });

  test('counts places from 0, whatever its ranks are called', () => {
    const metrics = new RankMetrics([4, 5]);
    metrics.end(metrics.begin(1), true);
    const page = metrics.page(exposition({ succeeded: 1, tokens: 8 }));
    expect(valuesOf(page, 'vllm:generation_tokens_total')).toEqual([0, 8]);
  });

  test('gives requests without a rank, or with one that is not here, to each in turn', () => {
    const metrics = new RankMetrics([4, 5]);
    for (const wanted of [undefined, 7, undefined, 2]) {
      metrics.end(metrics.begin(wanted), true);
    }
    const page = metrics.page(exposition({ succeeded: 4, tokens: 8 }));
    expect(valuesOf(page, 'vllm:generation_tokens_total')).toEqual([4, 4]);
  });

  test('credits a request when the simulator has counted it, however late that is', () => {
    const metrics = new RankMetrics([0, 1]);
    metrics.end(metrics.begin(1), true);
    metrics.page(exposition({}));
    metrics.end(metrics.begin(0), true);
    const first = metrics.page(exposition({ succeeded: 1, tokens: 5 }));
    expect(valuesOf(first, 'vllm:generation_tokens_total')).toEqual([0, 5]);
    const second = metrics.page(exposition({ succeeded: 2, tokens: 7 }));
    expect(valuesOf(second, 'vllm:generation_tokens_total')).toEqual([2, 5]);
  });

  test('credits a request that is counted before its answer has left, once', () => {
    const metrics = new RankMetrics([0, 1]);
    const request = metrics.begin(1);
    const early = metrics.page(exposition({ succeeded: 1, tokens: 5 }));
    expect(valuesOf(early, 'vllm:generation_tokens_total')).toEqual([0, 5]);
    metrics.end(request, true);
    metrics.end(metrics.begin(0), true);
    const next = metrics.page(exposition({ succeeded: 2, tokens: 7 }));
    expect(valuesOf(next, 'vllm:generation_tokens_total')).toEqual([2, 5]);
  });

  test('takes nothing back when an older page of the simulator comes last', () => {
    const metrics = new RankMetrics([0, 1]);
    metrics.end(metrics.begin(0), true);
    metrics.end(metrics.begin(1), true);
    metrics.page(exposition({ succeeded: 2, tokens: 8 }));
    const older = metrics.page(exposition({ succeeded: 1, tokens: 4 }));
    expect(valuesOf(older, 'vllm:generation_tokens_total')).toEqual([4, 4]);
    metrics.end(metrics.begin(1), true);
    const next = metrics.page(exposition({ succeeded: 3, tokens: 12 }));
    expect(valuesOf(next, 'vllm:generation_tokens_total')).toEqual([4, 8]);
  });

  test('does not wait for a request that broke off', () => {
    const metrics = new RankMetrics([0, 1]);
    metrics.end(metrics.begin(1), false);
    metrics.end(metrics.begin(0), true);
    const page = metrics.page(exposition({ succeeded: 1, tokens: 5 }));
    expect(valuesOf(page, 'vllm:generation_tokens_total')).toEqual([5, 0]);
  });

  test('keeps the sum of the simulator, whoever asked and whatever is unknown', () => {
    const metrics = new RankMetrics([0, 1, 2]);
    let succeeded = 0;
    for (const wanted of [0, 2, undefined, 1, 1, 0, undefined]) {
      metrics.end(metrics.begin(wanted), true);
      succeeded += 1;
      const tokens = 7 * succeeded + 5;
      const values = valuesOf(
        metrics.page(exposition({ succeeded, tokens })),
        'vllm:generation_tokens_total',
      );
      expect(values.reduce((sum, value) => sum + value, 0)).toBe(tokens);
    }
  });

  test('shows a server that answers for some ranks only those', () => {
    const metrics = new RankMetrics([0, 1]);
    metrics.end(metrics.begin(undefined, [1]), true);
    const counted = exposition({ succeeded: 1, tokens: 5 });
    expect(valuesOf(metrics.page(counted, [0]), 'vllm:generation_tokens_total')).toEqual([0]);
    expect(valuesOf(metrics.page(counted, [1]), 'vllm:generation_tokens_total')).toEqual([5]);
  });
});
