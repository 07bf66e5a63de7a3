import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/commands/process/environment.ts';
import { styleFor } from '../../src/ui/style.ts';
import { FakeOutput } from '../commands/fake-context.ts';

const utf8 = { LANG: 'en_GB.UTF-8' };

function look(env: Readonly<Record<string, string>>, { tty = true, noColor = false } = {}) {
  const style = styleFor(tty ? new FakeOutput(80) : new FakeOutput(), {
    noColor,
    environment: readEnvironment(env),
  });
  return {
    color: style.paints.bad('x') !== 'x',
    unicode: style.symbols.passed === '✓',
    width: style.width,
  };
}

describe('styleFor()', () => {
  test('is colourful on a terminal', () => {
    expect(look(utf8)).toEqual({ color: true, unicode: true, width: 80 });
  });

  test('is plain ASCII without a width in a pipe', () => {
    expect(look(utf8, { tty: false })).toEqual({
      color: false,
      unicode: false,
      width: undefined,
    });
  });

  test.each([
    ['NO_COLOR', { ...utf8, NO_COLOR: '1' }, { color: false, unicode: true }],
    ['an empty NO_COLOR', { ...utf8, NO_COLOR: '' }, { color: true, unicode: true }],
    ['CI', { ...utf8, CI: 'true' }, { color: false, unicode: true }],
    ['TERM=dumb', { ...utf8, TERM: 'dumb' }, { color: false, unicode: false }],
    ['a locale without UTF-8', { LANG: 'C' }, { color: true, unicode: false }],
    ['LC_ALL before LANG', { ...utf8, LC_ALL: 'C' }, { color: true, unicode: false }],
    ['FORCE_COLOR in CI', { ...utf8, CI: '1', FORCE_COLOR: '1' }, { color: true, unicode: true }],
  ])('respects %s', (_name, env, expected) => {
    expect(look(env)).toMatchObject(expected);
  });

  test('respects --no-color before FORCE_COLOR', () => {
    expect(look({ ...utf8, FORCE_COLOR: '1' }, { noColor: true }).color).toBe(false);
  });
});
