import { describe, expect, test } from 'vitest';
import { type LogStatement, replayStartup } from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, model } from '../catalog-rows.ts';
import { vllm } from './log-statements.ts';

/** DeepSeek-V3.2 in vLLM 0.33, whose experts are 2048 wide and have rows of 7168. */
const wide: LogStatement = {
  ...vllm('0.33.0', 0.92),
  sharding: cut(1, 16),
  // So that sparse attention leaves the workspace to the experts.
  kvLayout: 'bf16',
  contextTokens: 65_536,
};

function overheads(more: Partial<LogStatement>) {
  return replayStartup({ ...wide, ...more }).memory.overheads;
}

function bytesOf(start: string, more: Partial<LogStatement> = {}): number | undefined {
  return overheads(more).find(({ name }) => name.startsWith(start))?.bytes;
}

const workspace = (more: Partial<LogStatement> = {}) => bytesOf('workspace of the experts', more);
const output = (more: Partial<LogStatement> = {}) => bytesOf('output of the experts', more);

/** Experts that the gathered tokens of 16 ranks reach, and the tokens themselves. */
const reached = 16 * 8192 * 8;
const gathered = 16 * 8192;

/** Each of 256 experts may leave a tile of 64 rows all but empty. */
const tileRows = 256 * 63;

describe('memory of the experts in the profile of vLLM', () => {
  test('spread over Hopper: FlashInfer keeps BF16 rows, gate and up, and FP8 rows with scales', () => {
    expect(workspace()).toBe(
      reached * (2 * 7168 + 2 * 2 * 2048 + 7168 + 56 * 4) + gathered * 2 * 7168,
    );
    expect((workspace() ?? 0) / gib).toBeCloseTo(30.97, 2);
  });

  test('its output is in the workspace that the indexer shares', () => {
    expect(output()).toBe(gathered * 2 * 7168);
    expect(bytesOf('indexer key workspace')).toBeUndefined();
    // 40 keys of 132 bytes for each token of context need more room than the output of one rank.
    expect(bytesOf('indexer key workspace', { sharding: cut(8, 1, 1, true) })).toBeDefined();
  });

  test('on Blackwell: FP8 rows inside the experts and BF16 rows of output', () => {
    const inner = 3 * 2048 + (3 * 2048 * 4) / 128;
    expect(workspace({ accelerator: accelerator('b200') })).toBe(
      (reached + tileRows) * (inner + 2 * 7168) + gathered * (2 * 7168 + 7168 + 56 * 4),
    );
  });

  test('on Blackwell for tensor ranks: the inner rows are cut, and nothing is gathered', () => {
    const more = { accelerator: accelerator('b200'), sharding: cut(8), batchedTokens: 16_384 };
    const inner = (3 * 2048 + (3 * 2048 * 4) / 128) / 8;
    expect(workspace(more)).toBe((16_384 * 8 + tileRows) * (inner + 2 * 7168) + 16_384 * 2 * 7168);
  });

  test('in NVFP4: half a byte and a scale for each inner value', () => {
    const more = {
      accelerator: accelerator('b200'),
      model: model('nvidia/DeepSeek-V3.2-NVFP4'),
      sharding: cut(8),
    };
    const inner = (2048 / 8) * (1 / 2 + 1 / 16);
    expect(workspace(more)).toBe(8192 * (8 * (inner + 2 * 7168) + 2 * 7168));
  });

  test('in AITER: inner rows alone, as the output is summed up in place', () => {
    const more = {
      accelerator: accelerator('mi355x'),
      sharding: cut(4),
      aiterExperts: true,
      // Short, since the indexer's logits take more otherwise.
      contextTokens: 4096,
    };
    const inner = (2048 / 4) * (2 + 1 + 4 / 128);
    expect(workspace(more)).toBe(8192 * (8 * inner + 2 * 7168 + 7168 + 56 * 4));
  });

  const int4: Partial<LogStatement> = {
    model: model('moonshotai/Kimi-K2-Thinking'),
    release: '0.20.0',
    sharding: cut(1, 8),
  };

  test('INT4 that gathers in 0.20 runs outside the workspace and sums in FP32 beyond 2 GiB', () => {
    const tokens = 8 * 8192;
    expect(bytesOf('65,536 gathered tokens', int4)).toBe(tokens * 2 * 7168);
    expect(workspace(int4)).toBe(tokens * (8 * 2 * 7168 + 2 * 7168 + 4 * 7168));
  });

  test('INT4 that gathers few tokens is fullest while it multiplies', () => {
    const tokens = 8 * 2048;
    const multiplying = tokens * 8 * 2 * (7168 + 2048);
    expect(workspace({ ...int4, batchedTokens: 2048 })).toBe(multiplying);
  });

  test('INT4 that gathers runs in the workspace from 0.22 on', () => {
    const later = { ...int4, release: '0.23.0' };
    expect(workspace(later)).toBe(8 * 8192 * 8 * 2 * 2 * 7168);
    expect(bytesOf('65,536 gathered tokens', later)).toBe(8 * 8192 * 2 * 7168);
  });

  test('ranks that gather hold more outside torch than those that do not', () => {
    const name = 'driver and communication library, to gather';
    expect((bytesOf(name) ?? 0) / gib).toBeCloseTo(2.9, 6);
    expect(bytesOf(name, { sharding: cut(8) })).toBeUndefined();
  });

  test('0.8 adds the inner rows of spread experts that tensor ranks cut, for 32,768 tokens at most', () => {
    const more = { release: '0.8.4', sharding: cut(16, 1, 1, true), kvLayout: 'bf16' as const };
    const rows = (batchedTokens: number) =>
      bytesOf('whole inner rows', { ...more, batchedTokens }) ?? Number.NaN;
    expect(rows(8192)).toBe(8192 * 8 * 2048 * (7 / 8) * (2 + 1 + 4 / 128));
    expect(rows(65_536)).toBe(rows(32_768));
    expect(bytesOf('whole inner rows', { ...more, sharding: cut(16) })).toBeUndefined();
  });

  test.each<[string, Partial<LogStatement>, number]>([
    ['tensor ranks on Hopper run Triton', { sharding: cut(8) }, 8192],
    ['ROCm without AITER runs Triton', { accelerator: accelerator('mi355x') }, gathered],
    ['INT4 runs Marlin', { model: model('moonshotai/Kimi-K2-Thinking') }, gathered],
  ])('%s, with two BF16 rows for each expert of each token', (_, more, tokens) => {
    expect(workspace(more)).toBe(tokens * 8 * 2 * 2 * 7168);
  });
});

describe('INT4 experts before releases had a workspace', () => {
  const rowBytes = 32_768 * 7168 * 2;
  const rows = (more: Partial<LogStatement>) =>
    overheads({
      release: '0.16.0',
      model: model('moonshotai/Kimi-K2-Thinking'),
      sharding: cut(8),
      batchedTokens: 32_768,
      ...more,
    })
      .filter(({ name }) => name.includes('experts'))
      .map(({ bytes }) => bytes / rowBytes);

  test('hold 8 rows of each token, their sum in BF16 and in FP32, and 3 rows beside', () => {
    expect(rows({})).toEqual([3, 8 + 1 + 2]);
  });

  test('have a fourth row beside them in a model that is not compiled', () => {
    expect(rows({ graphs: false })[0]).toBe(4);
  });

  test('are counted as those of V3 on ROCm', () => {
    expect(rows({ accelerator: accelerator('mi355x') })).toEqual([]);
  });
});
