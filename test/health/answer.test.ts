import { describe, expect, test } from 'vitest';
import { judgeAnswer, type ProbeAnswer, type ProbeId } from '../../src/health/index.ts';

const model = 'deepseek-ai/DeepSeek-V3.2';
const target = { namespace: 'llm', pod: 'dsv32-serve-0', servedModelNames: [model] };

function answered(status: number, body: unknown = ''): ProbeAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answered', status, body: text };
}

function aCompletion(message: unknown, usage: unknown = { completion_tokens: 3 }): ProbeAnswer {
  return answered(200, { choices: [{ index: 0, message, finish_reason: 'stop' }], usage });
}

describe('judgeAnswer()', () => {
  test.each<{ id: ProbeId; name: string; answer: ProbeAnswer; detail?: string }>([
    { id: 'http-health', name: '200', answer: answered(200) },
    { id: 'models', name: 'the served name', answer: answered(200, { data: [{ id: model }] }) },
    {
      id: 'models',
      name: 'the served name among others',
      answer: answered(200, { data: [{ id: 'lora' }, { id: model }] }),
    },
    {
      id: 'chat',
      name: 'text',
      answer: aCompletion({ content: ' ready\n' }),
      detail: 'answered "ready", 3 tokens',
    },
    {
      id: 'chat',
      name: 'a thought that used up the tokens',
      answer: aCompletion({ content: null, reasoning: 'The user wants' }),
      detail: 'answered in thought only, 3 tokens',
    },
    {
      id: 'chat',
      name: 'a thought under the older name',
      answer: aCompletion({ content: '', reasoning_content: 'Hm' }),
    },
  ])('passes $id with $name', ({ id, answer, detail }) => {
    const check = judgeAnswer(id, answer, target);
    expect(check.outcome).toBe('passed');
    if (detail !== undefined) expect(check.detail).toBe(detail);
  });

  test.each<{ id: ProbeId; name: string; answer: ProbeAnswer; detail: string }>([
    {
      id: 'http-health',
      name: '503, which a dead engine gives',
      answer: answered(503),
      detail: 'GET /health answered 503: the engine died',
    },
    { id: 'http-health', name: '404', answer: answered(404), detail: 'GET /health answered 404' },
    {
      id: 'http-health',
      name: 'silence',
      answer: { kind: 'timed-out', afterSeconds: 5 },
      detail: 'no answer within 5 s',
    },
    {
      id: 'http-health',
      name: 'nothing that listens',
      answer: { kind: 'refused', reason: 'dial tcp 127.0.0.1:8000: connect: connection refused' },
      detail: 'dial tcp 127.0.0.1:8000: connect: connection refused',
    },
    {
      id: 'models',
      name: 'an empty list',
      answer: answered(200, { object: 'list', data: [] }),
      detail: 'GET /v1/models lists no model',
    },
    {
      id: 'models',
      name: 'another model',
      answer: answered(200, { data: [{ id: 'llama' }] }),
      detail: `serves llama, not ${model}`,
    },
    {
      id: 'models',
      name: 'a page of a proxy',
      answer: answered(200, '<html>'),
      detail: 'GET /v1/models answered no model list',
    },
    {
      id: 'models',
      name: '401',
      answer: answered(401, { error: 'Unauthorized' }),
      detail: 'answered 401: the API key of the spec is not the one the engine took at its start',
    },
    { id: 'chat', name: '500', answer: answered(500), detail: 'answered 500' },
    {
      id: 'chat',
      name: 'blank text',
      answer: aCompletion({ content: '  ' }),
      detail: 'the answer is empty after 3 tokens',
    },
    {
      id: 'chat',
      name: 'no choice',
      answer: answered(200, { choices: [], usage: { completion_tokens: 1 } }),
      detail: 'the answer is no chat completion',
    },
    {
      id: 'chat',
      name: 'text of no token',
      answer: aCompletion({ content: 'ready' }, { completion_tokens: 0 }),
      detail: 'answered "ready" of no token',
    },
  ])('fails $id with $name, with advice', ({ id, answer, detail }) => {
    const check = judgeAnswer(id, answer, target);
    expect(check).toMatchObject({ outcome: 'failed', detail, subject: 'Pod/llm/dsv32-serve-0' });
    expect(check.advice).toBeDefined();
  });

  test('does not need the count of tokens, which some proxies leave out', () => {
    const check = judgeAnswer('chat', aCompletion({ content: 'ready' }, null), target);
    expect(check).toMatchObject({
      outcome: 'passed',
      detail: 'answered "ready", tokens not counted',
    });
  });

  test.each<{ id: ProbeId; name: string; answer: ProbeAnswer }>([
    {
      id: 'http-health',
      name: 'no permission',
      answer: { kind: 'not-asked', reason: 'forbidden' },
    },
    { id: 'chat', name: 'no key', answer: { kind: 'not-asked', reason: 'no API key' } },
    { id: 'chat', name: '429', answer: answered(429) },
  ])('leaves $id unknown with $name', ({ id, answer }) => {
    expect(judgeAnswer(id, answer, target).outcome).toBe('unknown');
  });

  test('never passes a spec that serves no name', () => {
    const answer = answered(200, { data: [{ id: model }] });
    const check = judgeAnswer('models', answer, { ...target, servedModelNames: [] });
    expect(check.outcome).toBe('failed');
  });
});
