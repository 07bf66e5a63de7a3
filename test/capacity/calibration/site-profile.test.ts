import { describe, expect, test } from 'vitest';
import {
  chooseConstants,
  estimateServing,
  type FitRequest,
  fitRank,
  measuredFor,
  memoryFromLog,
  parseBenchmark,
  parseStartupLog,
  timeFromBenchmark,
} from '../../../src/capacity/index.ts';
import { findMemoryBehaviour } from '../../../src/catalog/index.ts';
import { accelerator, cut, gib, r1, v32 } from '../catalog-rows.ts';

const vllmLog = `
INFO 01-12 10:00:01 [gpu_model_runner.py:2602] Model loading took 80.7773 GiB memory and 312.4 seconds
(Worker_TP3 pid=311) INFO 01-12 10:01:40 [gpu_worker.py:298] Available KV cache memory: 30.52 GiB
(Worker_TP5 pid=313) INFO 01-12 10:01:40 [gpu_worker.py:298] Available KV cache memory: 30.61 GiB
INFO 01-12 10:01:41 [kv_cache_utils.py:1087] GPU KV cache size: 681,728 tokens
INFO 01-12 10:01:41 [kv_cache_utils.py:1091] Maximum concurrency for 163,840 tokens per request: 4.16x
INFO 01-12 10:02:20 [gpu_model_runner.py:3480] Graph capturing finished in 21 secs, took 2.01 GiB
`;

const sglangLog = `
[2026-05-03 11:00:00 TP0] Load weight begin. avail mem=137.94 GB
[2026-05-03 11:06:00 TP0] Load weight end. type=DeepseekV32ForCausalLM, dtype=torch.bfloat16, avail mem=57.31 GB, mem usage=80.63 GB.
[2026-05-03 11:06:02 TP0] KV Cache is allocated. #tokens: 53056, KV size: 2.38 GB
[2026-05-03 11:07:00 TP0] Capture cuda graph end. Time elapsed: 41.03 s. mem usage=6.37 GB. avail mem=48.10 GB.
[2026-05-03 11:07:01 TP0] max_total_num_tokens=53056, chunked_prefill_size=8192, max_prefill_tokens=16384, max_running_requests=2048, context_len=163840
`;

const ascendLog = `
(EngineCore_DP0) INFO Model loading took 42.8 GB memory and 200.1 seconds
(EngineCore_DP1) INFO Model loading took 42.9 GB memory and 201.4 seconds
(EngineCore_DP0) INFO NPU KV cache size: 66,340 tokens
(EngineCore_DP1) INFO NPU KV cache size: 66,212 tokens
INFO Maximum concurrency for 16,384 tokens per request: 4.05x
`;

/** With a draft model, which loads when the cache of the target is there already. */
const sglangDraftLog = `
[2026-11-20 08:11:24 TP0] Load weight begin. avail mem=137.94 GB
[2026-11-20 08:11:24 TP1] Load weight begin. avail mem=137.96 GB
[2026-11-20 08:16:33 TP0] Load weight end. elapsed=309.11 s, type=DeepseekV32ForCausalLM, dtype=torch.bfloat16, avail mem=57.31 GB, mem usage=80.63 GB.
[2026-11-20 08:16:34 TP0] KV Cache is allocated. #tokens: 512000, KV size: 22.92 GB
[2026-11-20 08:16:40 TP0] Load weight begin. avail mem=31.20 GB
[2026-11-20 08:16:59 TP0] Load weight end. elapsed=19.02 s, type=DeepseekV3ForCausalLMNextN, dtype=torch.bfloat16, avail mem=29.64 GB, mem usage=1.56 GB.
[2026-11-20 08:17:00 TP0] KV Cache is allocated. #tokens: 512000, KV size: 0.38 GB
`;

/** Of a release that prints bytes and the older words. */
const ascendBytesLog = `
INFO 11-20 08:16:33 [model_runner_v1.py:2512] Loading model weights took 44.8121 GB
INFO 11-20 08:18:03 [worker_v1.py:256] Available memory: 5632123392, total memory: 65464696832
INFO 11-20 08:18:04 [kv_cache_utils.py:864] GPU KV cache size: 66,340 tokens
`;

function sglangRequest(release: string): FitRequest {
  const behaviour = findMemoryBehaviour('sglang', release);
  if (behaviour === undefined) throw new Error(`SGLang ${release} is not in the catalog`);
  return {
    model: v32,
    accelerator: accelerator('h200'),
    sharding: cut(8),
    kvLayout: 'fp8-ds-mla',
    utilization: 0.8,
    contextTokens: 8192,
    mtpTokens: 1,
    blockTokens: 64,
    step: { behaviour, batchedTokens: 8192 },
  };
}

describe('parseStartupLog()', () => {
  test('tells the draft model of SGLang from the model, and leaves its later free memory', () => {
    const result = parseStartupLog(sglangDraftLog, 'sglang');
    if (result.kind !== 'parsed') throw new Error(result.reason);
    expect(result.log).toMatchObject({
      freeBytes: 137.94 * gib,
      weightsBytes: 80.63 * gib,
      draftWeightsBytes: 1.56 * gib,
      availableKvBytes: 22.92 * gib,
    });
  });

  test.each([
    { release: '0.5.12', gib: 80.63 },
    { release: '0.5.23', gib: 80.63 + 1.56 },
  ])('$release counts $gib GiB before it sizes the pool', (row) => {
    const result = parseStartupLog(sglangDraftLog, 'sglang');
    if (result.kind !== 'parsed') throw new Error(result.reason);
    const { weightsBytes = 0 } = memoryFromLog(result.log, sglangRequest(row.release), 'log');
    expect(weightsBytes / gib).toBeCloseTo(row.gib, 6);
  });

  test('reads lines as kubectl and the newer SGLang print them, of every rank apart', () => {
    const prefixed = sglangDraftLog
      .split('\n')
      .map((line) => (line === '' ? '' : `[pod/main-0/engine] 2026-11-20T08:11:24Z ${line}`))
      .join('\n')
      .replaceAll('KV Cache is allocated. #tokens', 'KV Cache is allocated. dtype: fp8, #tokens')
      .replace('avail mem=137.96', 'avail mem=137.90');
    const graphs = 'Capture target decode CUDA graph end. elapsed=9.1 s, mem usage=2.73 GB.';
    expect(parseStartupLog(`${prefixed}\n${graphs}`, 'sglang')).toMatchObject({
      log: { freeBytes: 137.9 * gib, kvTokens: 512_000, graphBytes: 2.73 * gib },
    });
  });

  test('reads the bytes and the older words of vllm-ascend', () => {
    expect(parseStartupLog(ascendBytesLog, 'vllm-ascend')).toMatchObject({
      kind: 'parsed',
      log: {
        weightsBytes: 44.8121 * gib,
        availableKvBytes: 5_632_123_392,
        kvTokens: 66_340,
      },
    });
  });

  test('reads vLLM lines and keeps the rank with least room', () => {
    expect(parseStartupLog(vllmLog, 'vllm')).toEqual({
      kind: 'parsed',
      log: {
        engine: 'vllm',
        weightsBytes: 80.7773 * gib,
        availableKvBytes: 30.52 * gib,
        kvTokens: 681_728,
        contextTokens: 163_840,
        graphBytes: 2.01 * gib,
      },
    });
  });

  test('reads SGLang lines', () => {
    expect(parseStartupLog(sglangLog, 'sglang')).toMatchObject({
      kind: 'parsed',
      log: {
        freeBytes: 137.94 * gib,
        weightsBytes: 80.63 * gib,
        kvTokens: 53_056,
        contextTokens: 163_840,
        graphBytes: 6.37 * gib,
      },
    });
  });

  test('reads vllm-ascend lines of two data ranks', () => {
    expect(parseStartupLog(ascendLog, 'vllm-ascend')).toMatchObject({
      kind: 'parsed',
      log: { kvTokens: 66_212, contextTokens: 16_384, weightsBytes: 42.9 * gib },
    });
  });

  test.each([
    { what: 'other text', text: 'GET /health 200\nhello', reason: 'not-a-startup-log' },
    { what: 'an empty text', text: '', reason: 'not-a-startup-log' },
    {
      what: 'a start that ended early',
      text: 'Model loading took 80.78 GiB memory',
      reason: 'incomplete',
    },
  ])('refuses $what', ({ text, reason }) => {
    expect(parseStartupLog(text, 'vllm')).toMatchObject({ kind: 'refused', reason });
  });

  test('refuses the log of another engine', () => {
    expect(parseStartupLog(sglangLog, 'vllm')).toMatchObject({ kind: 'refused' });
  });
});

const vllmRun = {
  date: '20260112-101500',
  backend: 'vllm',
  max_concurrency: 16,
  completed: 160,
  total_input_tokens: 147_520,
  total_output_tokens: 147_200,
  output_throughput: 940.5,
  median_ttft_ms: 310.2,
  median_tpot_ms: 17.8,
};

describe('parseBenchmark()', () => {
  test('reads a vLLM result', () => {
    expect(parseBenchmark(vllmRun)).toEqual({
      kind: 'parsed',
      runs: [
        {
          tool: 'vllm-bench',
          concurrency: 16,
          inputTokens: 922,
          outputTokens: 920,
          ttftMs: 310.2,
          tpotMs: 17.8,
          outputTokensPerSecond: 940.5,
        },
      ],
    });
  });

  test('reads a sweep of SGLang results', () => {
    const run = { ...vllmRun, backend: 'sglang', random_input_len: 1024 };
    const result = parseBenchmark([run, { ...run, max_concurrency: 64 }]);
    expect(result).toMatchObject({
      runs: [{ tool: 'sglang-bench-serving', concurrency: 16 }, { concurrency: 64 }],
    });
  });

  test.each([
    { what: 'a number', json: 7, reason: 'not-a-benchmark' },
    { what: 'an empty list', json: [], reason: 'not-a-benchmark' },
    { what: 'other JSON', json: { completed: 3 }, reason: 'not-a-benchmark' },
    {
      what: 'a run without success',
      json: { ...vllmRun, completed: 0 },
      reason: 'no-completed-requests',
    },
    { what: 'an open rate', json: { ...vllmRun, max_concurrency: null }, reason: 'no-concurrency' },
  ])('refuses $what as $reason', ({ json, reason }) => {
    expect(parseBenchmark(json)).toMatchObject({ kind: 'refused', reason });
  });
});

describe('a site profile', () => {
  const request: FitRequest = {
    model: v32,
    accelerator: accelerator('h200'),
    sharding: cut(8),
    kvLayout: 'fp8-ds-mla',
    utilization: 0.85,
    contextTokens: 131_072,
    mtpTokens: 0,
    blockTokens: 64,
  };

  function profiled() {
    const result = parseStartupLog(vllmLog, 'vllm');
    if (result.kind !== 'parsed') throw new Error(result.reason);
    return { name: 'site', memory: memoryFromLog(result.log, request, 'start of 2026-01-12') };
  }

  test('makes the fit agree with the log it came from', () => {
    const measured = measuredFor(profiled(), request.sharding);
    if (measured === undefined) throw new Error('the profile does not hold');
    const memory = fitRank({ ...request, measured });
    expect(Math.abs(memory.kvTokensPerRank / 681_728 - 1)).toBeLessThan(0.001);
    expect(memory.overheads[0]?.source).toBe('start of 2026-01-12');
  });

  test('lends its overhead, not its weights, to layouts of the same kind, and nothing to others', () => {
    expect(measuredFor(profiled(), cut(4))).toEqual({
      source: 'start of 2026-01-12',
      overheadBytes: expect.closeTo((118.83 - 80.7773 - 30.52) * gib, -8),
    });
    expect(measuredFor(profiled(), cut(1, 8))).toBeUndefined();
    expect(measuredFor({ name: 'none' }, cut(8))).toBeUndefined();
  });

  const placement = {
    model: r1,
    accelerator: accelerator('h200'),
    layout: cut(8),
    kvLayout: 'bf16' as const,
  };

  function tpotWith(runs: readonly Record<string, unknown>[]): number {
    const parsed = parseBenchmark(runs);
    if (parsed.kind !== 'parsed') throw new Error(parsed.reason);
    const time = timeFromBenchmark(parsed.runs, { engine: 'vllm', placement }, 'our sweep');
    const memory = fitRank({ ...request, ...placement, sharding: placement.layout });
    const result = estimateServing({
      engine: 'vllm',
      placement,
      memory,
      workload: { inputTokens: 922, outputTokens: 920, concurrency: 16 },
      profile: { name: 'site', time },
    });
    if (result.kind !== 'estimated') throw new Error(result.kind);
    expect(result.tpotMs.source).toContain('our sweep');
    return result.tpotMs.p50;
  }

  test('the error of a site is that of its own runs, and no run alone makes it surer', () => {
    const errorOf = (times: readonly (readonly [number, number])[]) => {
      const runs = times.map(([max_concurrency, median_tpot_ms]) => ({
        ...vllmRun,
        max_concurrency,
        median_tpot_ms,
      }));
      const parsed = parseBenchmark(runs);
      if (parsed.kind !== 'parsed') throw new Error(parsed.reason);
      return timeFromBenchmark(parsed.runs, { engine: 'vllm', placement }, 'sweep').row.error;
    };
    const base = chooseConstants('vllm', placement).row.error;
    expect(errorOf([[16, 17.8]]).tpot).toBeGreaterThanOrEqual(base.tpot);
    const even = [4, 8, 16, 32, 64].map((load) => [load, 10 + load / 2.4] as const);
    const uneven = even.map(
      ([load, ms], index) => [load, index % 2 === 0 ? ms : ms * 1.6] as const,
    );
    expect(errorOf(uneven).tpot).toBeGreaterThan(errorOf(even).tpot + 0.1);
  });

  test('one run scales the nearest constants to what was measured', () => {
    expect(Math.abs(tpotWith([vllmRun]) / 17.8 - 1)).toBeLessThan(0.02);
  });

  test('a sweep of four loads is fitted', () => {
    const points = [
      [4, 11.0],
      [16, 17.8],
      [32, 25.1],
      [64, 35.4],
    ] as const;
    const sweep = points.map(([max_concurrency, median_tpot_ms]) => ({
      ...vllmRun,
      max_concurrency,
      median_tpot_ms,
    }));
    expect(Math.abs(tpotWith(sweep) / 17.8 - 1)).toBeLessThan(0.05);
  });
});
