import { describe, expect, test } from 'vitest';
import { findAccelerator, findRelease } from '../../src/catalog/index.ts';
import { batchSizes, fixedBatchNotes } from '../../src/engines/vllm/batch-sizes.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { aGroup } from '../fixtures/a-spec.ts';

interface Case {
  readonly engine?: 'vllm' | 'vllm-ascend';
  readonly release: string;
  readonly device: string;
  readonly group?: Partial<GroupSpec>;
  readonly tokens: number;
  readonly sequences: number;
}

function questionOf({ engine = 'vllm', release, device, group }: Case) {
  const [row, accelerator] = [findRelease(engine, release), findAccelerator(device)];
  if (row === undefined || accelerator === undefined) throw new Error(`${release} ${device}`);
  const parallelism = { tensor: 1, data: 16, pipeline: 1, expert: true };
  return { group: aGroup(group), release: row, accelerator, parallelism };
}

const lowLatency = { allToAll: 'deepep_low_latency' };

/** As `get_batch_defaults` and the steps after it in vllm/engine/arg_utils.py of the releases have it. */
const cases: readonly Case[] = [
  { release: '0.33.0', device: 'h200', tokens: 8192, sequences: 1024 },
  { release: '0.18.1', device: 'h200', tokens: 8192, sequences: 1024 },
  { release: '0.33.0', device: 'mi355x', tokens: 16_384, sequences: 1024 },
  { release: '0.25.1', device: 'mi355x', tokens: 8192, sequences: 1024 },
  { release: '0.33.0', device: 'h200', group: lowLatency, tokens: 256, sequences: 256 },
  { release: '0.18.1', device: 'h200', group: lowLatency, tokens: 8192, sequences: 1024 },
  {
    release: '0.33.0',
    device: 'h200',
    group: { ...lowLatency, maxBatchedTokens: 512 },
    tokens: 512,
    sequences: 512,
  },
  {
    release: '0.33.0',
    device: 'h200',
    group: { maxSequences: 64 },
    tokens: 8192,
    sequences: 64,
  },
  {
    engine: 'vllm-ascend',
    release: '0.23.0',
    device: 'ascend-a3',
    tokens: 2048,
    sequences: 256,
  },
];

describe('one step of a rank', () => {
  test.each(cases)(
    'on $device with $release and $group takes $tokens tokens of $sequences requests',
    ({ tokens, sequences, ...given }) => {
      expect(batchSizes(questionOf({ tokens, sequences, ...given }))).toEqual({
        tokens,
        sequences,
      });
    },
  );

  test('that is small by default is told, and not once the group says what it wants', () => {
    const common = { release: '0.33.0', device: 'h200', tokens: 256, sequences: 256 };
    const [note] = fixedBatchNotes(questionOf({ ...common, group: lowLatency }));
    expect(note?.message).toContain('takes 256 tokens into a step');
    const chosen = { ...lowLatency, maxBatchedTokens: 4096 };
    expect(fixedBatchNotes(questionOf({ ...common, group: chosen }))).toEqual([]);
  });
});
