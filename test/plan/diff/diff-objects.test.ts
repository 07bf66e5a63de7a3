import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/index.ts';
import { tableOfRules } from '../../../src/plan/diff/list-rules.ts';
import { diffObjects, isSecretName } from '../../../src/plan/index.ts';

function anObject(fields: Readonly<Record<string, unknown>>, kind = 'Thing'): Manifest {
  return { apiVersion: 'v1', kind, metadata: { name: 'a', namespace: 'n' }, ...fields };
}

describe('diffObjects()', () => {
  test('leaves out what the server owns', () => {
    const live = {
      ...anObject({ status: { ready: 1 } }),
      metadata: {
        name: 'a',
        namespace: 'n',
        uid: 'u',
        resourceVersion: '5',
        generation: 3,
        creationTimestamp: '2026-11-24T00:00:00Z',
        managedFields: [{}],
        selfLink: '/x',
      },
    };
    expect(diffObjects(live, anObject({ status: { ready: 2 } }))).toEqual([]);
  });

  test('shows foreign labels that go', () => {
    const live = { ...anObject({}), metadata: { name: 'a', namespace: 'n', labels: { x: '1' } } };
    expect(diffObjects(live, anObject({}))).toEqual([
      { path: 'metadata.labels', before: { x: '1' } },
    ]);
  });

  test('takes its list rules from the caller', () => {
    const listRules = tableOfRules(new Map([['items', { kind: 'map', keys: ['id'] } as const]]));
    const [live, result] = [
      anObject({
        items: [
          { id: 'a', v: 1 },
          { id: 'b', v: 1 },
        ],
      }),
      anObject({
        items: [
          { id: 'b', v: 2 },
          { id: 'a', v: 1 },
        ],
      }),
    ];
    expect(diffObjects(live, result, { listRules }).map(({ path }) => path)).toEqual([
      'items[id=b].v',
      'items (order)',
    ]);
  });
});

const canary = 'hunter2-canary';
const other = 'changed-canary';

function pod(container: Readonly<Record<string, unknown>>): Manifest {
  return anObject({ spec: { containers: [{ name: 'engine', ...container }] } }, 'Pod');
}

/** Pairs that hold the canary before, or after, or both. */
const secrets: readonly {
  readonly scenario: string;
  readonly before: Manifest;
  readonly after: Manifest;
  readonly expected: unknown;
}[] = [
  {
    scenario: 'the data of a Secret',
    before: anObject({ data: { key: canary } }, 'Secret'),
    after: anObject({ data: { key: other } }, 'Secret'),
    expected: { path: 'data.key', before: '(secret, before)', after: '(secret, after)' },
  },
  {
    scenario: 'the data of a Secret that is all new',
    before: anObject({}, 'Secret'),
    after: anObject({ stringData: { user: canary } }, 'Secret'),
    expected: { path: 'stringData', after: { user: '(secret, after)' } },
  },
  {
    scenario: 'a variable with a secret name',
    before: pod({ env: [{ name: 'API_KEY', value: canary }] }),
    after: pod({ env: [{ name: 'API_KEY', value: other }] }),
    expected: {
      path: 'spec.containers[name=engine].env[name=API_KEY].value',
      before: '(secret, before)',
      after: '(secret, after)',
    },
  },
  {
    scenario: 'a variable in a container that is new',
    before: anObject({ spec: { containers: [] } }, 'Pod'),
    after: pod({
      env: [
        { name: 'HF_TOKEN', value: canary },
        { name: 'MAX_TOKENS', value: '8' },
      ],
    }),
    expected: {
      path: 'spec.containers[name=engine]',
      after: {
        name: 'engine',
        env: [
          { name: 'HF_TOKEN', value: '(secret, after)' },
          { name: 'MAX_TOKENS', value: '8' },
        ],
      },
    },
  },
  {
    scenario: 'a variable named twice',
    before: pod({
      env: [
        { name: 'PASSWORD', value: 'x' },
        { name: 'PASSWORD', value: canary },
      ],
    }),
    after: pod({
      env: [
        { name: 'PASSWORD', value: 'x' },
        { name: 'PASSWORD', value: other },
      ],
    }),
    expected: {
      path: 'spec.containers[name=engine].env[1].value',
      before: '(secret, before)',
      after: '(secret, after)',
    },
  },
  {
    scenario: 'the value of a flag',
    before: pod({ args: [`--api-key=${canary}`] }),
    after: pod({ args: [`--api-key=${other}`] }),
    expected: {
      path: 'spec.containers[name=engine].args[0]',
      before: '--api-key=(secret, before)',
      after: '--api-key=(secret, after)',
    },
  },
  {
    scenario: 'the argument after a flag',
    before: pod({ args: ['--api-key', canary] }),
    after: pod({ args: ['--api-key', other] }),
    expected: {
      path: 'spec.containers[name=engine].args[1]',
      flag: '--api-key',
      before: '(secret, before)',
      after: '(secret, after)',
    },
  },
  {
    scenario: 'a key of a ConfigMap with a secret name',
    before: anObject({ data: { 'db.password': canary } }, 'ConfigMap'),
    after: anObject({ data: { 'db.password': other } }, 'ConfigMap'),
    expected: {
      path: 'data["db.password"]',
      before: '(secret, before)',
      after: '(secret, after)',
    },
  },
];

describe('diffObjects() masks', () => {
  test.each(secrets)('$scenario', ({ before, after, expected }) => {
    expect(diffObjects(before, after)).toEqual([expected]);
  });

  test('whatever a Secret holds, and shows that it changed', () => {
    const data = fc.dictionary(fc.string({ minLength: 1 }), fc.constantFrom(canary, other));
    fc.assert(
      fc.property(data, data, (before, after) => {
        const changes = diffObjects(
          anObject({ data: before }, 'Secret'),
          anObject({ data: after }, 'Secret'),
        );
        expect(JSON.stringify(changes.map(({ before: l, after: r }) => [l, r]))).not.toContain(
          'canary',
        );
        expect(changes.length > 0).toBe(
          Object.keys({ ...before, ...after }).some((key) => before[key] !== after[key]),
        );
      }),
    );
  });
});

describe('isSecretName()', () => {
  test.each([
    ['API_KEY', true],
    ['HF_TOKEN', true],
    ['apiKey', true],
    ['DB_PASSWORD_FILE', true],
    ['client-secret', true],
    ['MAX_TOKENS', false],
    ['TOKENIZER', false],
    ['KEYCLOAK_URL', false],
    ['NCCL_DEBUG', false],
  ])('%s: %s', (name, expected) => {
    expect(isSecretName(name)).toBe(expected);
  });
});
