import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../src/manifest/index.ts';
import { toYaml } from '../../src/render/index.ts';

function aConfigMap(value: string): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { value } };
}

/** What a reader of this YAML version makes of the value; kubectl reads 1.1 with parts of 1.2. */
function readBack(text: string, version: '1.1' | '1.2'): unknown {
  const [document, ...others] = parseAllDocuments(text, { version });
  if (document === undefined || others.length > 0) throw new Error('not one document');
  return Object(document.toJS()).data.value;
}

describe('toYaml()', () => {
  test.each([
    ...['on', 'off', 'yes', 'No', 'y', 'n', 'true', 'null', '~', '', '=', '<<', '.inf', '.NaN'],
    ...['010', '0o14', '0x1F', '0b1', '1e3', '1E+3', '1_000', '.5', '1.', '+1', '12:30:45', '8'],
    ...['2026-11-24', '- a', '# a', 'a: b', '{"a":1}', '$(LWS_LEADER_ADDRESS)', 'a\nb\n', ' a '],
  ])('keeps %j a string for every reader', (value) => {
    const text = toYaml([aConfigMap(value)]);
    expect(readBack(text, '1.1')).toBe(value);
    expect(readBack(text, '1.2')).toBe(value);
  });

  test('reads back as what was written, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(load(toYaml([aConfigMap(value)]))).toEqual(aConfigMap(value));
      }),
    );
  });

  test('writes one document per object', () => {
    const text = toYaml([aConfigMap('a'), aConfigMap('b')]);
    expect(text.split('---\n')).toHaveLength(2);
  });

  test('writes the same part twice instead of referring to it', () => {
    const part = { a: 1 };
    const text = toYaml([{ ...aConfigMap('a'), left: part, right: part }]);
    expect(text).not.toContain('&');
  });

  test('does not fold long lines', () => {
    const long = 'word '.repeat(100).trim();
    expect(toYaml([aConfigMap(long)])).toContain(long);
  });
});
