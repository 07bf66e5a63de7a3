import { describe, expect, test } from 'vitest';
import { generatedKeyOf, hasKey, withKeyToCome } from '../../../src/plan/index.ts';

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'own', annotations: { 'dsdeploy/generated-key': 'token' } },
};

describe('generatedKeyOf()', () => {
  test('reads the annotation of a Secret, and of nothing else', () => {
    expect(generatedKeyOf(secret)).toBe('token');
    expect(generatedKeyOf({ ...secret, kind: 'ConfigMap' })).toBeUndefined();
    expect(generatedKeyOf({ ...secret, metadata: { name: 'own' } })).toBeUndefined();
  });
});

describe('withKeyToCome()', () => {
  test('adds a placeholder where the key is missing or empty', () => {
    expect(hasKey(withKeyToCome(secret), 'token')).toBe(true);
    expect(hasKey(withKeyToCome({ ...secret, data: { token: '' } }), 'token')).toBe(true);
  });

  test('leaves a key that is there alone', () => {
    const filled = { ...secret, data: { token: 'a2V5' } };
    expect(withKeyToCome(filled)).toBe(filled);
  });
});
