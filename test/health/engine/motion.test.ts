import { describe, expect, it } from 'vitest';
import {
  type EngineMetrics,
  followMotion,
  type Motion,
  standstillMs,
} from '../../../src/health/index.ts';

interface Load {
  readonly running?: number;
  readonly waiting?: number;
  readonly kvUsed?: number;
  readonly tokens?: number;
}

function load({ running = 0, waiting = 0, kvUsed = 0, tokens = 0 }: Load) {
  return { running, waiting, kvUsed, promptTokens: 0, generationTokens: tokens };
}

function metrics(ranks: readonly Load[]): EngineMetrics {
  const sum = (key: keyof Load) => ranks.reduce((total, rank) => total + (rank[key] ?? 0), 0);
  return {
    total: load({ running: sum('running'), waiting: sum('waiting'), tokens: sum('tokens') }),
    byRank: new Map(ranks.map((rank, index) => [index, load(rank)])),
  };
}

/** Looks one second apart, the first at 0. */
function follow(...looks: readonly (readonly Load[] | 'unreadable')[]): Motion | undefined {
  let motion: Motion | undefined;
  for (const [index, look] of looks.entries()) {
    const reading =
      look === 'unreadable'
        ? ({ kind: 'unreadable', reason: 'GET /metrics answered 404' } as const)
        : ({ kind: 'read', value: metrics(look) } as const);
    motion = followMotion(motion, reading, index * 1000);
  }
  return motion;
}

describe('standstillMs()', () => {
  const held = { running: 1, tokens: 5 };
  it.each<{ what: string; motion: Motion | undefined; dataRank?: number; stillMs: number }>([
    { what: 'nothing known', motion: undefined, stillMs: 0 },
    { what: 'nothing moves', motion: follow([{}, {}], [{}, {}], [{}, {}]), stillMs: 3000 },
    {
      what: 'tokens move',
      motion: follow([held, {}], [{ ...held, tokens: 6 }, {}]),
      stillMs: 2000,
    },
    {
      what: 'a queue moves',
      motion: follow([{ waiting: 3 }, {}], [{ waiting: 2 }, {}]),
      stillMs: 2000,
    },
    {
      what: 'one rank works and one holds a request and does not',
      motion: follow([held, held], [{ ...held, tokens: 9 }, held], [{ ...held, tokens: 12 }, held]),
      stillMs: 3000,
    },
    {
      what: 'one rank works and the others are idle',
      motion: follow([held, {}], [{ ...held, tokens: 9 }, {}], [{ ...held, tokens: 12 }, {}]),
      stillMs: 1000,
    },
    {
      what: 'it was sent to a rank that works',
      motion: follow([held, held], [{ ...held, tokens: 9 }, held], [{ ...held, tokens: 12 }, held]),
      dataRank: 0,
      stillMs: 1000,
    },
    {
      what: 'it was sent to a rank that does not',
      motion: follow([held, {}], [{ ...held, tokens: 9 }, {}]),
      dataRank: 1,
      stillMs: 3000,
    },
    {
      what: 'the metrics went away meanwhile',
      motion: follow([held, held], 'unreadable'),
      stillMs: 0,
    },
    {
      what: 'the metrics came back',
      motion: follow([held, held], 'unreadable', [held, held]),
      stillMs: 1000,
    },
  ])('counts $stillMs ms where $what', ({ motion, dataRank, stillMs }) => {
    expect(standstillMs(motion, { askedMs: 0, dataRank }, 3000)).toBe(stillMs);
  });

  it('never counts what was before the request', () => {
    expect(standstillMs(follow([held], [held]), { askedMs: 2500 }, 3000)).toBe(500);
  });
});
