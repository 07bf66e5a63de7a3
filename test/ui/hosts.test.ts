import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/actions/message.ts';
import { createJsonHost } from '../../src/ui/host/json-host.ts';
import { createPlainHost } from '../../src/ui/host/plain-host.ts';
import { renderLive, TerminalHost } from '../../src/ui/host/terminal-host.ts';
import { createStyle } from '../../src/ui/style.ts';
import { FakeOutput } from '../commands/fake-context.ts';
import { aHealthReport, aTarget } from './fixtures.ts';

const style = createStyle({ color: false, unicode: false, width: undefined });
const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'llm', name: 'start' };

type WaitProgress = Extract<Message, { code: 'WAIT_PROGRESS' }>;

function waitProgress(elapsedSeconds: number): WaitProgress {
  return { code: 'WAIT_PROGRESS', level: 'info', elapsedSeconds, groups: aHealthReport.groups };
}

const waiting: (elapsedSeconds: number) => Message = waitProgress;

/** A group of many pods, the last of which is unhealthy and the one before it not ready. */
function manyPods(count: number): WaitProgress {
  const [group] = aHealthReport.groups;
  const [pod] = group?.pods ?? [];
  if (group === undefined || pod === undefined) throw new Error('the fixture has a pod');
  const pods = Array.from({ length: count }, (_, index) => ({
    ...pod,
    name: `deepseek-main-0-${String(index)}`,
    ranks: `${String(index * 8)}-${String(index * 8 + 7)}`,
    verdict: index === count - 1 ? ('unhealthy' as const) : ('healthy' as const),
    detail: index === count - 1 ? 'out of memory' : 'ready',
  }));
  return { ...waitProgress(75), groups: [{ ...group, pods }] };
}

function step(text: string): Message {
  return { code: 'STEP', level: 'info', text };
}

function applied(outcome: 'created' | 'unchanged', done: number): Message {
  return { code: 'OBJECT_APPLIED', level: 'info', ref, outcome, done, total: 12 };
}

describe('createPlainHost()', () => {
  function linesOf(...messages: readonly Message[]): string[] {
    const output = new FakeOutput();
    const host = createPlainHost({ output, style });
    for (const message of messages) host.notify(message);
    return output.text.split('\n').slice(0, -1);
  }

  test('writes one line per message', () => {
    expect(
      linesOf(
        { code: 'TARGET', level: 'info', target: aTarget },
        step('Checking'),
        applied('created', 3),
      ),
    ).toEqual([
      'Using context rack-7 as ann: https://10.0.0.1:6443, Kubernetes v1.36.3',
      'Checking',
      ' 3/12 + ConfigMap/llm/start created',
    ]);
  });

  test('does not repeat what only the clock has changed', () => {
    expect(linesOf(waiting(0), waiting(5), waiting(10))).toHaveLength(1);
  });

  test('says every five minutes that it still waits', () => {
    const lines = linesOf(waiting(0), waiting(299), waiting(300), waiting(400));
    expect(lines.map((line) => line.split(':')[0])).toEqual(['Waiting 0s', 'Waiting 5m']);
  });

  test('leaves out objects that did not change and checks that are not the last', () => {
    const check = (done: number): Message => {
      return { code: 'CHECK_PROGRESS', level: 'info', done, total: 2 };
    };
    expect(linesOf(applied('unchanged', 1), check(1), check(2))).toEqual([
      'Checked 2 of 2 objects',
    ]);
  });

  test('declines every question', async () => {
    const host = createPlainHost({ output: new FakeOutput(), style });
    expect(await host.confirm('Apply?')).toBe(false);
  });
});

describe('createJsonHost()', () => {
  test('writes each message as one line with code and data', () => {
    const output = new FakeOutput();
    createJsonHost(output).notify(applied('unchanged', 1));
    expect(JSON.parse(output.text)).toEqual({
      apiVersion: 'dsdeploy/v1',
      kind: 'Event',
      code: 'OBJECT_APPLIED',
      level: 'info',
      ref,
      outcome: 'unchanged',
      done: 1,
      total: 12,
    });
  });
});

/** A stream that passes for a terminal of 80 columns. */
function aTerminal() {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  return stream as unknown as NodeJS.WriteStream & PassThrough;
}

describe('TerminalHost', () => {
  function open(keys = '') {
    const stream = aTerminal();
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: () => undefined,
    }) as unknown as NodeJS.ReadStream & PassThrough;
    let interrupts = 0;
    const host = new TerminalHost({
      stream,
      input,
      style: createStyle({ color: false, unicode: false, width: 80 }),
      nowMs: () => 0,
      signal: new AbortController().signal,
      interrupt: () => {
        interrupts += 1;
      },
    });
    if (keys !== '') setTimeout(() => input.write(keys), 20);
    return {
      host,
      text: () => stripVTControlCharacters(String(stream.read())),
      interrupts: () => interrupts,
    };
  }

  test('keeps finished steps and applied objects on the screen', () => {
    const { host, text } = open();
    host.notify(step('Checking 12 objects'));
    host.notify(applied('created', 1));
    host.close();
    expect(text()).toMatch(/Checking 12 objects\n +1\/12 \+ ConfigMap\/llm\/start created\n$/);
  });

  test('breaks a long line between words', () => {
    const { host, text } = open();
    const warned = `${'word '.repeat(17)}end`;
    host.notify({ code: 'WARNING', level: 'warning', text: warned });
    host.close();
    const lines = text().trimEnd().split('\n');
    expect(lines.map((line) => line.length <= 80)).toEqual([true, true]);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(`warning  ${warned}`);
  });

  test.each([
    ['y', true, 0],
    ['n', false, 0],
    ['\r', false, 0],
    ['\u0003', false, 1],
  ])('%j at a question answers %s', async (key, answer, count) => {
    const { host, interrupts } = open(key);
    expect(await host.confirm('Apply?')).toBe(answer);
    expect(interrupts()).toBe(count);
  });
});

describe('renderLive()', () => {
  test('shows every pod with what it does', () => {
    const narrow = createStyle({ color: false, unicode: false, width: 80 });
    expect(
      renderLive(waiting(75), { style: narrow, lead: '| ', seconds: 2 }),
    ).toMatchInlineSnapshot(`
      "| Waiting 1m17s
        main: 0 of 1 ready
          pod                ranks  state        detail
          deepseek-main-0    0-7    progressing  engine is loading, not ready for 12m
          deepseek-main-0-1  8-15   unhealthy    engine exited with code 1"
    `);
  });

  test('says how long a group needs, where it is known', () => {
    const message: Message = { ...waitProgress(75), expectedSeconds: 945 };
    const [first] = renderLive(message, { style, lead: '| ', seconds: 2 }).split('\n');
    expect(first).toBe('| Waiting 1m17s (a group needs about 15m45s)');
  });

  test('says how long the whole roll-out takes, where groups restart one after another', () => {
    const message: Message = { ...waitProgress(75), expectedSeconds: 945, rollOutSeconds: 3780 };
    const [first] = renderLive(message, { style, lead: '| ', seconds: 2 }).split('\n');
    expect(first).toBe('| Waiting 1m17s of about 1h03m (a group needs about 15m45s)');
  });

  test('shows the pods that need a look and counts the others where lines are few', () => {
    const text = renderLive(manyPods(40), { style, lead: '| ', seconds: 0, lines: 10 });
    expect(text).toMatchInlineSnapshot(`
      "| Waiting 1m15s
        main: 0 of 1 ready
          pod                 ranks    state      detail
          deepseek-main-0-39  312-319  unhealthy  out of memory
          deepseek-main-0-0   0-7      healthy    ready
          deepseek-main-0-1   8-15     healthy    ready
          deepseek-main-0-2   16-23    healthy    ready
          and 36 more pods: 36 healthy"
    `);
  });

  test.each([
    { width: 60, lines: 12 },
    { width: 40, lines: 24 },
    { width: 100, lines: 50 },
  ])('stays within $width columns and $lines lines', ({ width, lines }) => {
    const look = createStyle({ color: false, unicode: false, width });
    const rows = renderLive(manyPods(40), { style: look, lead: '| ', seconds: 0, lines }).split(
      '\n',
    );
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(width);
    expect(rows.length).toBeLessThan(lines);
  });
});
