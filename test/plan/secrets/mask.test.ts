import { describe, expect, test } from 'vitest';
import { diffObjects } from '../../../src/plan/diff/diff-objects.ts';
import { findPlainSecrets } from '../../../src/plan/index.ts';

function pod(value: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'engine', env: [{ name: 'EXTRA', value }] }] },
  };
}

describe('a value with the shape of a secret under a harmless name', () => {
  test.each([
    ['redis://me:first@cache/0', 'redis://me:(secret, before)@cache/0'],
    ['hf_AbCdEfGhIjKlMnOp', '(secret, before)'],
    ['Bearer abcdef0123456789abcdef', 'Bearer (secret, before)'],
    ['AKIAABCDEFGHIJKLMNOP', '(secret, before)'],
  ])('is masked in a plan, and its change stays visible: %s', (value, shown) => {
    expect(diffObjects(pod(value), pod('none'))).toEqual([
      { path: 'spec.containers[name=engine].env[name=EXTRA].value', before: shown, after: 'none' },
    ]);
    expect(findPlainSecrets(pod(value))).toHaveLength(1);
  });

  test.each([
    'redis://me:$(CACHE_PASSWORD)@cache/0',
    'http://proxy:8080/path@2',
    'Basic authentication of callers',
    'registry.example.com/engine@sha256:0123456789abcdef',
  ])('is told from what only looks a little like it: %s', (value) => {
    expect(findPlainSecrets(pod(value))).toEqual([]);
  });
});
