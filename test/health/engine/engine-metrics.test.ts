import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMetrics } from '../../../src/health/engine/parse-metrics.ts';
import { metricsDialect, readEngineMetrics } from '../../../src/health/index.ts';

const dialect = metricsDialect('vllm');

/** Metrics of vLLM with one line per rank. */
function aPage(ranks: readonly number[], generated = 5): string {
  return ranks
    .flatMap((rank) => [
      `vllm:num_requests_running{engine="${rank}",model_name="m"} 1`,
      `vllm:num_requests_waiting{engine="${rank}",model_name="m"} 2`,
      `vllm:kv_cache_usage_perc{engine="${rank}",model_name="m"} 0.${rank}`,
      `vllm:prompt_tokens_total{engine="${rank}",model_name="m"} 10`,
      `vllm:generation_tokens_total{engine="${rank}",model_name="m"} ${generated}`,
    ])
    .join('\n');
}

describe('parseMetrics()', () => {
  test('reads names, labels, escapes, exponents and times', () => {
    const text = '# TYPE a counter\na{b="x\\"y\\\\z",c="1"} 1.5e+3 1700000000\nd 2\ne +Inf\n';
    expect(parseMetrics(text)).toEqual([
      {
        name: 'a',
        labels: new Map([
          ['b', 'x"y\\z'],
          ['c', '1'],
        ]),
        value: 1500,
      },
      { name: 'd', labels: new Map(), value: 2 },
      { name: 'e', labels: new Map(), value: Number.POSITIVE_INFINITY },
    ]);
  });

  test.each(['', '<html><body>404</body></html>', '{"error":"no"}', '# HELP only\n'])(
    'finds no metrics in %j',
    (text) => {
      expect(parseMetrics(text)).toBeUndefined();
    },
  );

  test('survives any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseMetrics(text)).not.toThrow();
      }),
    );
  });
});

describe('readEngineMetrics()', () => {
  test('sums over ranks and keeps them apart', () => {
    expect(readEngineMetrics(aPage([0, 3]), dialect)).toMatchObject({
      kind: 'read',
      value: {
        total: { running: 2, waiting: 4, kvUsed: 0.3, promptTokens: 20, generationTokens: 10 },
        byRank: new Map([
          [0, expect.objectContaining({ generationTokens: 5 }) as unknown],
          [3, expect.objectContaining({ kvUsed: 0.3 }) as unknown],
        ]),
      },
    });
  });

  test('takes a counter that is not there yet for zero, as before the first request', () => {
    const text = 'vllm:num_requests_running{model_name="m"} 0\nvllm:num_requests_waiting 0\n';
    const reading = readEngineMetrics(text, dialect);
    expect(reading).toMatchObject({ kind: 'read', value: { total: { generationTokens: 0 } } });
    expect(reading.kind === 'read' && reading.value.byRank).toBeUndefined();
  });

  test.each([
    { name: 'a page of a proxy', text: '<html>', reason: 'answered no metrics' },
    { name: 'metrics of something else', text: 'go_goroutines 7\n', reason: 'has no vllm:' },
    {
      name: 'a KV cache more than full',
      text: aPage([0]).replace('0.0', '7'),
      reason: 'cannot be right: kvUsed is 7',
    },
    {
      name: 'a negative count',
      text: aPage([0], -1),
      reason: 'cannot be right: generationTokens is -1',
    },
    { name: 'no number', text: aPage([0]).replace(' 10', ' NaN'), reason: 'promptTokens is NaN' },
  ])('does not believe $name', ({ text, reason }) => {
    const reading = readEngineMetrics(text, dialect);
    expect(reading.kind).toBe('unreadable');
    expect(reading.kind === 'unreadable' && reading.reason).toContain(reason);
  });

  test('has names for every engine', () => {
    expect(metricsDialect('vllm-ascend').names.running).toMatch(/^vllm:/);
    expect(metricsDialect('sglang').names.running).toMatch(/^sglang:/);
    expect(metricsDialect('sglang').rankLabel).toBeUndefined();
  });
});
