import { describe, expect, test } from 'vitest';
import { findModel } from '../../../src/catalog/index.ts';
import { engines } from '../../../src/engines/index.ts';
import {
  type CanaryContext,
  canaryCases,
  judgeCase,
  judgeUnasked,
} from '../../../src/health/index.ts';

function abilitiesOf(id: string) {
  const row = findModel(id);
  if (row === undefined) throw new Error(`no model ${id}`);
  return engines.vllm.abilities(row);
}

const context: CanaryContext = {
  model: 'm',
  reasoningField: 'reasoning',
  abilities: abilitiesOf('deepseek-ai/DeepSeek-V3.2'),
  hasKey: true,
  contextTokens: 8_192,
  needleTokens: 4_096,
  keepsPrefixes: true,
  logsCommand: 'kubectl logs p',
};

function aCase(id: string) {
  const found = canaryCases('full').find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
}

/** A stream whose pieces came at given times. */
function aStream(pieces: readonly { readonly text: string; readonly afterMs: number }[]) {
  const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
  let body = '';
  const arrivals = pieces.map(({ text, afterMs }) => {
    body += event({ choices: [{ delta: { content: text } }] });
    return { afterMs, characters: body.length };
  });
  const usage = { prompt_tokens: 9, completion_tokens: pieces.length };
  body += event({ choices: [{ delta: {}, finish_reason: 'stop' }] });
  body += `${event({ choices: [], usage })}data: [DONE]\n\n`;
  return { kind: 'answered', status: 200, body, arrivals, tookMs: 1 } as const;
}

describe('bad-key', () => {
  const judge = (...statuses: readonly number[]) =>
    judgeCase(aCase('bad-key'), {
      subject: 'Pod/llm/p',
      context,
      replies: statuses.map(
        (status) => ({ kind: 'answered', status, body: '', arrivals: [], tookMs: 1 }) as const,
      ),
    });

  test.each([
    { statuses: [401, 401], outcome: 'passed' },
    { statuses: [401, 403], outcome: 'passed' },
    { statuses: [401, 200], outcome: 'failed' },
    { statuses: [401, 404], outcome: 'unknown' },
    { statuses: [401, 429], outcome: 'unknown' },
    { statuses: [503, 401], outcome: 'failed' },
  ])('is $outcome where the engine answers $statuses', ({ statuses, outcome }) => {
    expect(judge(...statuses).outcome).toBe(outcome);
  });
});

describe('first-token', () => {
  const judge = (times: readonly number[]) =>
    judgeCase(aCase('first-token'), {
      subject: 'Pod/llm/p',
      context,
      replies: [aStream(times.map((afterMs) => ({ afterMs, text: 'x' })))],
    });

  test('measures the first word and the speed after it', () => {
    expect(judge([400, 500, 600, 1_400])).toMatchObject({
      outcome: 'passed',
      measured: { ttftMs: 400, outputTokensPerSecond: 3 },
    });
  });

  test('is not asked again after a stream whose first word came too late', () => {
    const after = (afterMs: number) =>
      judgeUnasked(aCase('first-token'), context, [aStream([{ text: 'x', afterMs }])]);
    expect(after(15_001)).toMatchObject({ outcome: 'failed', measured: { ttftMs: 15_001 } });
    expect(after(15_000)).toBeUndefined();
  });

  test('passes with a warning far outside of what is expected, and says both', () => {
    const range = { label: 'interpolated' } as const;
    const expectedSpeed = {
      expectedTtftMs: { p50: 100, low: 80, high: 150, ...range },
      expectedOutputTokensPerSecond: { p50: 60, low: 40, high: 90, ...range },
    };
    const check = judgeCase(aCase('first-token'), {
      subject: 'Pod/llm/p',
      context: { ...context, expectedSpeed },
      replies: [aStream([400, 500, 600, 1_400].map((afterMs) => ({ afterMs, text: 'x' })))],
    });
    expect(check).toMatchObject({
      outcome: 'passed',
      detail:
        'first word after 400 ms, expected 100 (80 to 150, interpolated); 3 tokens/s after it, expected 60 (40 to 90, interpolated)',
      warning: '3 tokens/s came, expected are 60 (40 to 90, interpolated)',
      measured: { ttftMs: 400, ...expectedSpeed },
    });
    expect(check.advice).toContain('dsdeploy estimate');
  });

  test('claims no speed for an answer that came in one packet', () => {
    expect(judge([400, 400]).measured).toEqual({ ttftMs: 400 });
  });

  test('says how long users wait for a slow first word', () => {
    expect(judge([15_200, 15_300])).toMatchObject({
      outcome: 'failed',
      impact: 'Users wait 15 s before the first word.',
      measured: { ttftMs: 15_200 },
    });
  });
});

describe('canaryCases()', () => {
  test('has one id per case, and quick is a part of full', () => {
    const ids = canaryCases('full').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(canaryCases('full')).toEqual(expect.arrayContaining([...canaryCases('quick')]));
    expect(canaryCases('none')).toEqual([]);
  });

  test('bounds what a quick canary costs', () => {
    const bodies = canaryCases('quick').flatMap(({ requests }) => requests(context));
    const tokens = bodies.map(({ body }) => Number(body['max_tokens']));
    expect(bodies.length).toBeLessThanOrEqual(8);
    expect(tokens.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(300);
  });

  test.each([
    { model: 'deepseek-ai/DeepSeek-V3.2-Speciale', skipped: ['thinking-off', 'tool-call'] },
    { model: 'deepseek-ai/DeepSeek-R1', skipped: ['thinking-off', 'developer-role'] },
    {
      model: 'moonshotai/Kimi-K2-Instruct',
      skipped: ['thinking-on', 'thinking-off', 'developer-role'],
    },
  ])('does not ask $model for what it cannot do', ({ model, skipped }) => {
    const abilities = abilitiesOf(model);
    const reasons = canaryCases('full').map(
      ({ id, skip }) => [id, skip?.({ ...context, abilities })] as const,
    );
    const left = reasons.filter(([, reason]) => reason !== undefined).map(([id]) => id);
    expect(left).toEqual(expect.arrayContaining(skipped));
  });
});
