import { describe, expect, test } from 'vitest';
import {
  expectedMemoryError,
  type LogStatement,
  replayStartup,
} from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, model, r1 } from '../catalog-rows.ts';
import { onB200, vllm } from './log-statements.ts';

const kimi = model('moonshotai/Kimi-K2-Thinking');

/** Published lines that `fit` misses by more than 3 %, and what each log states. */
const missed: readonly {
  readonly log: string;
  readonly statement: LogStatement;
  readonly availableGib?: number;
  readonly tokens?: number;
}[] = [
  {
    log: 'vLLM 0.11.1, Kimi-K2-Thinking that fills 8 x H100',
    statement: {
      ...r1OnVllm('0.11.1', 0.95),
      model: kimi,
      accelerator: accelerator('h100'),
      contextTokens: 12_288,
      batchedTokens: 4096,
      maxSequences: 1,
      graphs: false,
    },
    availableGib: 0.86,
  },
  {
    log: 'vLLM 0.15.0, Kimi-K2.5 that fills 8 x H100, vision tower loaded',
    statement: {
      ...r1OnVllm('0.15.0', 0.95),
      model: model('moonshotai/Kimi-K2.5'),
      accelerator: accelerator('h100'),
      contextTokens: 8192,
      maxSequences: 64,
      measured: { weightsBytes: 72.02 * gib, source: 'log' },
    },
    availableGib: 0.64,
  },
  {
    // Its experts run in FlashInfer's INT4 kernel, which is off by default.
    log: 'vLLM 0.20.0, Kimi-K2.6 on 4 x B200 with expert parallelism, vision tower whole',
    statement: {
      ...r1OnVllm('0.20.0', 0.93),
      model: model('moonshotai/Kimi-K2.6'),
      accelerator: accelerator('b200'),
      sharding: cut(4, 1, 1, true),
      contextTokens: 120_000,
      batchedTokens: 32_768,
      maxSequences: 32,
      vision: { tower: 'whole' },
      measured: { weightsBytes: 141.37 * gib, source: 'README' },
    },
    availableGib: 14.3,
  },
  {
    log: 'vLLM 0.8.4, R1 at TP16 with expert parallelism on 2 x 8 H800',
    statement: {
      ...r1OnVllm('0.8.4', 0.9),
      accelerator: accelerator('h800'),
      sharding: cut(16, 1, 1, true),
      contextTokens: 32_768,
      batchedTokens: 32_768,
      maxSequences: 256,
    },
    tokens: 304_704,
  },
  {
    log: 'vLLM 0.28.0, GLM-5.2-FP8 on 8 x B200 at TP2 x DP4 with a draft token',
    statement: { ...onB200, sharding: cut(2, 4), mtpTokens: 1 },
    availableGib: 44.45,
    tokens: 985_984,
  },
  {
    log: 'vLLM 0.19.0, GLM-5.1 in FP8 at TP8 x PP2 on H100',
    statement: {
      ...r1OnVllm('0.19.0', 0.95),
      model: model('zai-org/GLM-5.1-FP8'),
      accelerator: accelerator('h100'),
      sharding: cut(8, 1, 2),
      kvLayout: 'fp8-ds-mla',
      contextTokens: 202_752,
      maxSequences: 2,
      graphs: false,
      blockTokens: 64,
    },
    tokens: 858_048,
  },
  {
    log: 'SGLang of March 2025, R1 at TP16 on 2 x 8 H800',
    statement: {
      ...sglang('0.4.3', 0.7),
      model: r1,
      accelerator: accelerator('h800'),
      sharding: cut(16),
    },
    tokens: 201_681,
  },
];

describe('expectedMemoryError()', () => {
  test.each(missed)('is no less than that of $log', ({ statement, availableGib, tokens }) => {
    const { memory } = replayStartup(statement);
    const error = expectedMemoryError(statement.engine, memory, statement);
    const observed =
      availableGib === undefined ? (tokens ?? 0) * memory.kvBytesPerToken : availableGib * gib;
    const missedBy = Math.abs(memory.kvBytesPerRank - observed);
    expect(missedBy / memory.kvBytesPerRank).toBeGreaterThan(0.03);
    expect(missedBy).toBeLessThanOrEqual(error?.bytes ?? 0);
  });

  test('is unknown where nobody has published a log', () => {
    const request = { model: r1, sharding: cut(16), accelerator: accelerator('ascend-a3') };
    const memory = { kvBytesPerRank: gib };
    expect(expectedMemoryError('vllm-ascend', memory, request)).toBeUndefined();
    expect(expectedMemoryError('sglang', memory, request)?.bytes).toBe(0.5 * gib);
  });

  test('is small once the overhead of the site is measured', () => {
    const request = { model: r1, sharding: cut(1, 8), accelerator: accelerator('h200') };
    const measured = { overheadBytes: gib, source: 'log' };
    const bytes = (more: object) =>
      expectedMemoryError('vllm', { kvBytesPerRank: 10 * gib }, { ...request, ...more })?.bytes;
    expect(bytes({})).toBe(4.6 * gib);
    expect(bytes({ measured })).toBe(0.3 * gib);
  });

  test.each([
    ['vllm', 'h200', cut(8), 2 * gib],
    ['vllm', 'mi355x', cut(8), undefined],
    ['sglang', 'mi355x', cut(8), 0.4 * gib],
    ['sglang', 'h200', cut(8), 0.4 * gib],
    ['sglang', 'ascend-a3', cut(8), undefined],
  ] as const)(
    'for a model that sees under %s on %s needs a line of such a model',
    (engine, device, sharding, bytes) => {
      const request = {
        model: model('moonshotai/Kimi-K2.5'),
        sharding,
        accelerator: accelerator(device),
      };
      const memory = { kvBytesPerRank: 10 * gib };
      expect(expectedMemoryError(engine, memory, request)?.bytes).toBe(bytes);
      const measured = { overheadBytes: gib, source: 'log' };
      expect(expectedMemoryError(engine, memory, { ...request, measured })?.basis).toBe('site');
    },
  );
});

describe('lines a log will print', () => {
  test('say how near they are expected to come', () => {
    const tolerances = (statement: LogStatement) =>
      replayStartup(statement).lines.map(({ name, tolerance }) => [name, tolerance]);
    const share = 0.05;
    expect(tolerances(r1OnVllm('0.33.0', 0.92))).toEqual([
      ['weights', 0.03],
      ['available', share],
      ['kv-tokens', share],
      ['concurrency', share],
    ]);
    const onAscend = { ...vllm('0.23.0', 0.9), accelerator: accelerator('ascend-a3') };
    const statement = { ...onAscend, engine: 'vllm-ascend', kvLayout: 'ascend-bf16' } as const;
    expect(tolerances(statement)).toEqual([
      ['weights', 0.03],
      ['available', undefined],
      ['kv-tokens', undefined],
      ['concurrency', undefined],
    ]);
  });
});

function r1OnVllm(release: string, fraction: number): LogStatement {
  return { ...vllm(release, fraction), model: r1, kvLayout: 'bf16', blockTokens: 16 };
}

function sglang(release: string, fraction: number): LogStatement {
  return { ...vllm(release, fraction), engine: 'sglang', kvLayout: 'bf16', blockTokens: 1 };
}
