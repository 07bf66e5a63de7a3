import { describe, expect, test } from 'vitest';
import {
  type EngineTarget,
  judgeMetrics,
  judgeProgress,
  judgeRankAnswers,
  judgeRanks,
  type MetricsReading,
  type RankAnswer,
} from '../../../src/health/index.ts';

const target: EngineTarget = {
  subject: 'Pod/llm/serve-0',
  dataRanks: [0, 1, 2, 3],
  ranks: 4,
  metricsWanted: true,
  formatDataRanks: (ranks) => ranks.map((rank) => `gpu${rank}`).join(','),
  logsCommand: 'kubectl logs serve-0 -n llm',
};

const off: MetricsReading = { kind: 'unreadable', reason: 'GET /metrics answered 404' };

/** Metrics with tokens, and requests running where told, by rank. */
function aReading(tokens: Readonly<Record<number, number>>, running: readonly number[] = []) {
  const byRank = new Map(
    Object.entries(tokens).map(([rank, generationTokens]) => [
      Number(rank),
      {
        running: running.includes(Number(rank)) ? 1 : 0,
        waiting: 0,
        kvUsed: 0.5,
        promptTokens: 0,
        generationTokens,
      },
    ]),
  );
  const sum = Object.values(tokens).reduce((total, value) => total + value, 0);
  const total = { running: running.length, waiting: 0, kvUsed: 0.5, promptTokens: 0 };
  return { kind: 'read', value: { byRank, total: { ...total, generationTokens: sum } } } as const;
}

const idle = aReading({ 0: 9, 1: 9, 2: 9, 3: 9 });
const oneMoved = aReading({ 0: 9, 1: 12, 2: 9, 3: 9 });
const allMoved = aReading({ 0: 10, 1: 10, 2: 10, 3: 10 });

describe('judgeMetrics()', () => {
  test('shows load, queue and cache', () => {
    expect(judgeMetrics(idle, target)).toMatchObject({
      outcome: 'passed',
      detail: '0 running, 0 waiting, KV cache 50 % used',
      measured: { kvUsedFraction: 0.5 },
    });
  });

  test('is unknown without metrics, unless the spec wants none', () => {
    expect(judgeMetrics(off, target).outcome).toBe('unknown');
    expect(judgeMetrics(off, { ...target, metricsWanted: false }).outcome).toBe('skipped');
  });
});

describe('judgeRanks()', () => {
  test.each([
    { name: 'all', tokens: { 0: 0, 1: 0, 2: 0, 3: 0 }, outcome: 'passed', ranks: undefined },
    { name: 'one less', tokens: { 0: 0, 1: 0, 3: 0 }, outcome: 'failed', ranks: 'gpu2' },
    {
      name: 'one more',
      tokens: { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 },
      outcome: 'failed',
      ranks: undefined,
    },
    { name: 'others', tokens: { 4: 0 }, outcome: 'failed', ranks: 'gpu0,gpu1,gpu2,gpu3' },
  ])('is $outcome with $name of the ranks', ({ tokens, outcome, ranks }) => {
    const check = judgeRanks(aReading(tokens), target);
    expect(check).toMatchObject({ outcome });
    expect(check.ranks).toBe(ranks);
  });

  test.each([
    { scenario: 'several ranks', dataRanks: [0, 1, 2, 3], outcome: 'unknown' },
    { scenario: 'one rank', dataRanks: [3], outcome: 'passed' },
  ])('is $outcome where metrics without ranks stand for $scenario', ({ dataRanks, outcome }) => {
    const reading = { kind: 'read', value: { total: idle.value.total } } as const;
    expect(judgeRanks(reading, { ...target, dataRanks }).outcome).toBe(outcome);
  });
});

describe('judgeProgress()', () => {
  const hung = aReading({ 0: 9, 1: 9, 2: 9, 3: 9 }, [2]);
  test.each<{
    name: string;
    before?: MetricsReading;
    after: MetricsReading;
    request: 'finished' | 'unfinished' | 'failed';
    outcome: string;
  }>([
    { name: 'tokens after an answer', after: oneMoved, request: 'finished', outcome: 'passed' },
    { name: 'tokens before a late one', after: oneMoved, request: 'unfinished', outcome: 'passed' },
    { name: 'an answer and no tokens', after: idle, request: 'finished', outcome: 'unknown' },
    { name: 'neither', after: hung, request: 'unfinished', outcome: 'failed' },
    { name: 'a refusal and no tokens', after: idle, request: 'failed', outcome: 'skipped' },
    {
      name: 'counters that went back',
      before: oneMoved,
      after: idle,
      request: 'finished',
      outcome: 'unknown',
    },
    {
      name: 'counters that went back and no answer',
      before: oneMoved,
      after: hung,
      request: 'unfinished',
      outcome: 'unknown',
    },
    {
      name: 'no metrics before',
      before: off,
      after: idle,
      request: 'finished',
      outcome: 'unknown',
    },
    { name: 'no metrics after', after: off, request: 'unfinished', outcome: 'unknown' },
  ])('is $outcome with $name', ({ before = idle, after, request, outcome }) => {
    expect(judgeProgress({ before, after }, request, target).outcome).toBe(outcome);
  });

  test('blames the ranks that hold requests and count nothing', () => {
    const check = judgeProgress({ before: idle, after: hung }, 'unfinished', target);
    expect(check).toMatchObject({
      ranks: 'gpu2',
      impact: 'Requests hang until the client gives up.',
    });
  });
});

describe('judgeRankAnswers()', () => {
  const answers = (failed: readonly number[] = []): RankAnswer[] =>
    target.dataRanks.map((dataRank) =>
      failed.includes(dataRank)
        ? { dataRank, ended: 'failed', detail: 'no answer within 30 s' }
        : { dataRank, ended: 'answered', detail: 'answered 200' },
    );

  test.each<{ name: string; given: RankAnswer[]; after: MetricsReading; outcome: string }>([
    { name: 'each rank counted', given: answers(), after: allMoved, outcome: 'passed' },
    { name: 'one rank counted for all', given: answers(), after: oneMoved, outcome: 'unknown' },
    { name: 'nobody knows who counted', given: answers(), after: off, outcome: 'skipped' },
    { name: 'one rank is silent', given: answers([2]), after: allMoved, outcome: 'failed' },
    {
      name: 'there is one rank',
      given: answers().slice(1, 2),
      after: allMoved,
      outcome: 'skipped',
    },
    {
      name: 'one rank refuses the header',
      given: [...answers().slice(1), { dataRank: 0, ended: 'not-asked', detail: 'answered 400' }],
      after: allMoved,
      outcome: 'unknown',
    },
  ])('is $outcome when $name', ({ given, after, outcome }) => {
    const around = { request: 'finished', before: idle, after } as const;
    expect(judgeRankAnswers(given, around, target).outcome).toBe(outcome);
  });

  test('blames the silent ranks and says how many requests they cost', () => {
    const around = { request: 'finished', before: idle, after: allMoved } as const;
    expect(judgeRankAnswers(answers([2]), around, target)).toMatchObject({
      ranks: 'gpu2',
      impact: '25 % of all requests hang or fail.',
    });
  });

  test('names the ranks that answer wrong, unless all do', () => {
    const around = { request: 'finished', before: idle, after: allMoved } as const;
    const wrong = (ranks: readonly number[]): RankAnswer[] =>
      answers().map((answer) =>
        ranks.includes(answer.dataRank)
          ? { ...answer, ended: 'wrong', detail: 'said "x"' }
          : answer,
      );
    expect(judgeRankAnswers(wrong([2]), around, target)).toMatchObject({
      outcome: 'failed',
      detail: 'data-parallel ranks 2 of 4 answer wrong: said "x"',
      ranks: 'gpu2',
    });
    expect(judgeRankAnswers(wrong([0, 1, 2, 3]), around, target).outcome).toBe('passed');
  });

  test('names no rank for a wrong answer where nobody knows who gave it', () => {
    const around = { request: 'finished', before: idle, after: off } as const;
    const given = answers()
      .map((answer) => ({ ...answer, ended: 'wrong' as const }))
      .slice(0, 1);
    const check = judgeRankAnswers([...given, ...answers().slice(1)], around, target);
    expect(check.outcome).toBe('failed');
    expect(check.ranks).toBeUndefined();
  });

  test('names the ranks that counted nothing though each request was answered', () => {
    const around = { request: 'finished', before: idle, after: oneMoved } as const;
    const check = judgeRankAnswers(answers(), around, target);
    expect(check.ranks).toBeDefined();
    expect(check.detail).toMatch(/^each of 4 requests was answered, and .* counted nothing/);
  });

  test('leaves the word to the question before, when no rank answers', () => {
    const around = { request: 'unfinished', before: idle, after: idle } as const;
    expect(judgeRankAnswers(answers([0, 1, 2, 3]), around, target).outcome).toBe('skipped');
  });
});
