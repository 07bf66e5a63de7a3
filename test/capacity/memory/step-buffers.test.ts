import { describe, expect, test } from 'vitest';
import { type LogStatement, replayStartup } from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, v32 } from '../catalog-rows.ts';
import { onB200 } from './log-statements.ts';

/** Bytes of one overhead; `undefined` where it is not counted. */
function bytesOf(start: string, more: Partial<LogStatement> = {}): number | undefined {
  const { memory } = replayStartup({ ...onB200, ...more });
  return memory.overheads.find(({ name }) => name.startsWith(start))?.bytes;
}

const rowBytes = 2 * 6144;

describe('what vLLM counts since it takes what the device has less', () => {
  test('the embeddings of a step from 0.27 on, in buffers of the runner', () => {
    const name = 'buffers of the runner';
    expect(bytesOf(name)).toBe(16_384 * rowBytes);
    expect(bytesOf(name, { release: '0.27.0' })).toBe(16_384 * rowBytes);
    expect(bytesOf(name, { release: '0.26.0' })).toBeUndefined();
  });

  test('with drafts, embeddings and hidden states of the drafter as well', () => {
    expect(bytesOf('buffers of the runner', { mtpTokens: 1 })).toBe(3 * 16_384 * rowBytes);
  });
});

describe('workspace of the ragged prefill of TRT-LLM', () => {
  const name = 'workspace of the sparse attention';
  const mebibytes = 394 * 2 ** 20;

  test('is reserved while GLM-5.2 loads on Blackwell, in 0.27 and 0.28', () => {
    expect(bytesOf(name)).toBe(mebibytes);
    expect(bytesOf(name, { release: '0.27.0', kvLayout: 'bf16' })).toBe(mebibytes);
    // One workspace, so keys of the indexer find room in it.
    expect(bytesOf('indexer key workspace')).toBeUndefined();
  });

  test.each<[string, Partial<LogStatement>]>([
    ['on Hopper', { accelerator: accelerator('h200'), kvLayout: 'bf16' }],
    ['for heads of other sizes', { model: v32 }],
    ['in 0.26', { release: '0.26.0' }],
    ['in 0.33', { release: '0.33.0' }],
  ])('is not there %s', (_, more) => {
    expect(bytesOf(name, more)).toBeUndefined();
  });
});

describe('buffer of the positions that an indexer chooses', () => {
  const name = 'indexer top-k buffer';
  const ofOne = 4 * 16_384 * 2048;

  test('is there twice with a draft module, which finds none to share', () => {
    expect(bytesOf(name)).toBe(ofOne);
    expect(bytesOf(name, { mtpTokens: 1 })).toBe(2 * ofOne);
  });

  test('is shared in 0.33', () => {
    expect(bytesOf(name, { mtpTokens: 1, release: '0.33.0' })).toBe(ofOne);
  });
});

describe('buffers in which tensor ranks reduce and normalise', () => {
  const gibOf = (tensor: number, device = 'b200') =>
    (bytesOf('buffers to reduce', {
      sharding: cut(tensor),
      accelerator: accelerator(device),
      kvLayout: 'bf16',
    }) ?? 0) / gib;

  test.each([
    { device: 'b200', tensor: 2, mebibytes: 384 },
    { device: 'b200', tensor: 4, mebibytes: 192 },
    { device: 'b200', tensor: 8, mebibytes: 6 },
    { device: 'b300', tensor: 4, mebibytes: 384 },
    { device: 'h200', tensor: 2, mebibytes: 384 },
    { device: 'h200', tensor: 4, mebibytes: 12 },
  ])('hold three times two of at most $mebibytes MiB at TP$tensor on $device', (row) => {
    const held = gibOf(row.tensor, row.device) * 1024;
    expect(held).toBeLessThanOrEqual(row.mebibytes * 1.05);
    expect(held).toBeGreaterThan(row.mebibytes * 0.95);
  });

  test('are not there for ranks that do not reduce', () => {
    expect(gibOf(1)).toBe(0);
  });
});
