import { describe, expect, test } from 'vitest';
import { type LogStatement, replayStartup } from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, r1, v32 } from '../catalog-rows.ts';

const w8a8R1 = { ...r1, weightFormat: 'w8a8' } as const;
const w4a8R1 = { ...r1, weightFormat: 'w4a8' } as const;
const w8a8V32 = { ...v32, weightFormat: 'w8a8' } as const;

/** A server of one or two A3 nodes whose experts are spread by DeepEP. */
interface ObservedServer {
  readonly what: string;
  readonly release: string;
  readonly model: LogStatement['model'];
  readonly sharding: LogStatement['sharding'];
  readonly fraction: number;
  readonly more?: Partial<LogStatement>;
  readonly weightsGib: number;
  readonly tokens: number;
}

const onTwoNodes = { wholeDense: true, headAsAttention: true, mtpTokens: 3 } as const;
const decode = { headAsAttention: true, mtpTokens: 3 } as const;
const prefill = { allToAll: 'deepep-normal', mtpTokens: 1 } as const;

/**
 * @source start-up logs of SGLang's nightly tests on Ascend, shun8686/for_debug, logs and scripts/log,
 * December 2025 to March 2026; releases by their dates but for 0.5.6.post2, which its log states
 */
const servers: readonly ObservedServer[] = [
  {
    what: 'R1 in W8A8, TP2 x DP16, decode',
    release: '0.5.7',
    model: w8a8R1,
    sharding: cut(2, 16),
    fraction: 0.75,
    more: onTwoNodes,
    weightsGib: 33.84,
    tokens: 179_328,
  },
  {
    what: 'R1 in W8A8, TP1 x DP32, decode',
    release: '0.5.7',
    model: w8a8R1,
    sharding: cut(1, 32),
    fraction: 0.815,
    more: onTwoNodes,
    weightsGib: 41,
    tokens: 134_272,
  },
  {
    what: 'R1 in W8A8, TP4 x DP8, decode',
    release: '0.5.7',
    model: w8a8R1,
    sharding: cut(4, 8),
    fraction: 0.75,
    more: onTwoNodes,
    weightsGib: 30.18,
    tokens: 235_008,
  },
  {
    what: 'R1 in W8A8, TP8 x DP2, prefill',
    release: '0.5.7',
    model: w8a8R1,
    sharding: cut(8, 2),
    fraction: 0.81,
    more: prefill,
    weightsGib: 46.32,
    tokens: 44_416,
  },
  {
    what: 'V3.2-Exp in W8A8, TP4 x DP8, decode',
    release: '0.5.7',
    model: w8a8V32,
    sharding: cut(4, 8),
    fraction: 0.79,
    more: onTwoNodes,
    weightsGib: 31.91,
    tokens: 220_416,
  },
  {
    what: 'V3.2-Exp in W8A8, TP16 without expert parallelism',
    release: '0.5.7',
    model: w8a8V32,
    sharding: cut(16),
    fraction: 0.81,
    more: { allToAll: 'gather' },
    weightsGib: 44.18,
    tokens: 68_864,
  },
  {
    what: 'V3.2 in W8A8, TP4 x DP8, decode',
    release: '0.5.9',
    model: w8a8V32,
    sharding: cut(4, 8),
    fraction: 0.79,
    more: onTwoNodes,
    weightsGib: 30.13,
    tokens: 244_480,
  },
  {
    what: 'V3.2 in W8A8, TP32, prefill',
    release: '0.5.9',
    model: w8a8V32,
    sharding: cut(32, 1, 1, true),
    fraction: 0.73,
    more: { ...prefill, wholeDense: true },
    weightsGib: 26.81,
    tokens: 240_384,
  },
  {
    what: 'R1 in W4A8, TP1 x DP16',
    release: '0.5.7',
    model: w4a8R1,
    sharding: cut(1, 16),
    fraction: 0.74,
    more: decode,
    weightsGib: 40.11,
    tokens: 75_904,
  },
  {
    what: 'the same of late January',
    release: '0.5.8',
    model: w4a8R1,
    sharding: cut(1, 16),
    fraction: 0.74,
    more: decode,
    weightsGib: 40.11,
    tokens: 73_600,
  },
  {
    what: 'the same of March',
    release: '0.5.9',
    model: w4a8R1,
    sharding: cut(1, 16),
    fraction: 0.802,
    more: decode,
    weightsGib: 40.11,
    tokens: 131_584,
  },
  {
    what: 'R1 in W4A8, TP4 x DP4, 0.5.6.post2',
    release: '0.5.6',
    model: w4a8R1,
    sharding: cut(4, 4),
    fraction: 0.71,
    more: decode,
    weightsGib: 28.94,
    tokens: 217_600,
  },
  {
    what: 'the same in a release that cuts the embedding',
    release: '0.5.8',
    model: w4a8R1,
    sharding: cut(4, 4),
    fraction: 0.71,
    more: decode,
    weightsGib: 27.67,
    tokens: 235_776,
  },
  {
    what: 'R1 in W4A8, TP8 x DP2, prefill',
    release: '0.5.7',
    model: w4a8R1,
    sharding: cut(8, 2),
    fraction: 0.6,
    more: prefill,
    weightsGib: 27.46,
    tokens: 137_344,
  },
  {
    what: 'R1 in W4A8, TP2 x DP8, prefill',
    release: '0.5.9',
    model: w4a8R1,
    sharding: cut(2, 8),
    fraction: 0.62,
    more: prefill,
    weightsGib: 31.28,
    tokens: 97_408,
  },
];

function replay({ release, model, sharding, fraction, more }: ObservedServer) {
  return replayStartup({
    engine: 'sglang',
    release,
    model,
    accelerator: accelerator('ascend-a3'),
    sharding,
    kvLayout: 'ascend-bf16',
    fraction,
    contextTokens: 8192,
    batchedTokens: 8192,
    blockTokens: 128,
    allToAll: 'deepep-low-latency',
    ...more,
  });
}

describe('SGLang on A3, nothing stated but the flags', () => {
  test.each(servers)('$what: weights within 2 %', (server) => {
    const { lines } = replay(server);
    const bytes = lines.find(({ name }) => name === 'weights')?.value ?? Number.NaN;
    expect(Math.abs(bytes / gib / server.weightsGib - 1)).toBeLessThan(0.02);
  });

  test.each(servers)('$what: tokens within 3 % or 0.3 GiB', (server) => {
    const { memory } = replay(server);
    const missed = Math.abs(memory.kvTokensPerRank - server.tokens);
    expect(missed).toBeLessThan(
      Math.max(0.03 * server.tokens, (0.3 * gib) / memory.kvBytesPerToken),
    );
  });
});

describe('what is cut over which ranks', () => {
  const [server] = servers;
  const bytes = (name: string, more: Partial<LogStatement>) => {
    if (server === undefined) throw new Error('no server');
    const { memory } = replay({ ...server, ...more, more: { ...more } });
    return memory.weights.find((term) => term.name === name)?.bytes ?? Number.NaN;
  };

  test('dense blocks are whole on each of 32 ranks where SGLang is told so', () => {
    const name = 'dense feed-forward';
    expect(bytes(name, { wholeDense: true }) / bytes(name, {})).toBeCloseTo(32, 0);
  });

  test('embedding and head: 1/2 and 1/32, the head 1/2 where it follows the attention', () => {
    const table = 129_280 * 7168 * 2;
    const name = 'embedding and output head';
    const latest = { release: '0.5.9' };
    expect(bytes(name, latest) / table).toBeCloseTo(1 / 2 + 1 / 32, 3);
    expect(bytes(name, { ...latest, headAsAttention: true }) / table).toBeCloseTo(1, 3);
    expect(bytes(name, {}) / table).toBeCloseTo(1 + 1 / 32, 3);
  });
});
