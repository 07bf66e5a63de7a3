import { describe, expect, test } from 'vitest';
import { validateObject } from '../../../src/plan/index.ts';
import { gateKind, gateSchema } from './schemas.ts';

function problemsOf(spec: object, rest: object = {}): string[] {
  const gate = { ...gateKind, metadata: { name: 'g' }, spec: { size: 1, ...spec }, ...rest };
  return validateObject(gate, gateSchema).map(({ path, message }) => `${path}: ${message}`);
}

describe('validateObject()', () => {
  test.each<[string, object]>([
    ['nothing but what is required', {}],
    ['a null field, which is an absent one', { word: null }],
    ['a whole number or a string', { ports: [{ port: 1, target: 'http' }] }],
    [
      'ports of one number and two protocols',
      { ports: [{ port: 1 }, { port: 1, protocol: 'UDP' }] },
    ],
    ['a quantity as number', { cpu: 2 }],
    ['what a schema leaves open', { free: { a: [1] }, raw: { b: 2 } }],
    ['one of two forms', { choice: { b: '' } }],
    ['a schema that contains itself', { inner: { size: 2, inner: { size: 3 } } }],
    ['base64 in lines', { blob: 'aGVsbG8g\nd29ybGQ=' }],
  ])('takes %s', (_what, spec) => {
    expect(problemsOf(spec)).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      'a mistyped field',
      { prots: [] },
      'spec.prots: unknown field "spec.prots", did you mean "ports"?',
    ],
    ['a field of another kind', { fairness: 1 }, 'spec.fairness: unknown field "spec.fairness"'],
    [
      'a mistyped field in a list',
      { ports: [{ port: 1, protocl: 'TCP' }] },
      'spec.ports[0].protocl: unknown field "spec.ports[0].protocl", did you mean "protocol"?',
    ],
    ['a missing field', { size: undefined }, 'spec: the required field "size" is missing'],
    ['a missing key', { ports: [{}] }, 'spec.ports[0]: the required field "port" is missing'],
    ['a text for a number', { size: '1' }, 'spec.size: it has to be a whole number, not a string'],
    ['a fraction', { size: 1.5 }, 'spec.size: it has to be a whole number, not a number'],
    ['a list for a map', { raw: [] }, 'spec.raw: it has to be an object, not a list'],
    ['a number too small', { size: 0 }, 'spec.size: it has to be at least 1'],
    ['a number too large', { size: 2 ** 31 }, 'spec.size: it does not fit 32 bits'],
    [
      'a value out of the list',
      { ports: [{ port: 1, protocol: 'ICMP' }] },
      'spec.ports[0].protocol: it has to be one of TCP, UDP',
    ],
    [
      'two items of one key, the default counted',
      { ports: [{ port: 1 }, { port: 1, protocol: 'TCP' }] },
      'spec.ports: two entries have the key [port=1,protocol=TCP]',
    ],
    ['a member twice', { hosts: ['a', 'a'] }, 'spec.hosts: two entries have the key ["a"]'],
    ['no form', { choice: {} }, 'spec.choice: it fits no allowed form'],
    ['a quantity of true', { cpu: true }, 'spec.cpu: it fits no allowed form'],
    ['a pattern', { word: 'A' }, 'spec.word: it has to match ^[a-z]+$'],
    ['a length', { word: 'abcdef' }, 'spec.word: it may be at most 5 characters long'],
    ['no base64', { blob: '§' }, 'spec.blob: it has to be base64'],
    ['no time', { at: 'noon' }, 'spec.at: it has to be a time'],
  ])('names %s', (_what, spec, message) => {
    expect(problemsOf(spec)).toEqual([message]);
  });

  test('names an unknown field of the metadata and of the object', () => {
    expect(problemsOf({}, { metadata: { name: 'g', lables: {} }, spce: {} })).toEqual([
      'metadata.lables: unknown field "metadata.lables", did you mean "labels"?',
      'spce: unknown field "spce", did you mean "spec"?',
    ]);
  });

  test('never repeats a value, which may be a secret', () => {
    const text = JSON.stringify(problemsOf({ word: 'S3CRET', size: 'S3CRET', blob: 'S3CRET!' }));
    expect(text).not.toContain('S3CRET');
  });
});
