import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareRefs, identityOf, type Manifest, refOf } from '../../src/manifest/index.ts';
import {
  bindingOf,
  buildPlan,
  describeMove,
  type ObservedObject,
  type PlanInput,
  setIdOf,
  withPartOf,
} from '../../src/plan/index.ts';

const deployment = { name: 'v32', namespace: 'llm' };
const target = { context: 'c', server: 's', user: 'u', serverVersion: 'v1.36.3' };
const setId = setIdOf(deployment);

function observed(manifest: Manifest, resourceVersion = '1'): ObservedObject {
  const metadata = { ...manifest.metadata, uid: `uid-${manifest.metadata.name}`, resourceVersion };
  return { ...manifest, metadata };
}

function member(kind: string, name: string): Manifest {
  return withPartOf({ apiVersion: 'v1', kind, metadata: { name, namespace: 'llm' } }, setId);
}

const someMembers = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom('ConfigMap', 'Service', 'LeaderWorkerSet', 'Secret', 'Widget'),
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom('create', 'update', 'keep', 'delete'),
    ),
    { selector: ([kind, name]) => `${kind}/${name}` },
  )
  .map((rows) => rows.map(([kind, name, fate]) => ({ manifest: member(kind, name), fate })));

type Members = readonly { readonly manifest: Manifest; readonly fate: string }[];

function inputOf(members: Members): PlanInput {
  const listed = members.filter(({ fate }) => fate !== 'create');
  const entryOf = (manifest: Manifest) => ({
    ...refOf(manifest),
    uid: observed(manifest).metadata.uid,
  });
  return {
    deployment,
    target,
    objects: members.flatMap(({ manifest, fate }) => {
      if (fate === 'delete') return [];
      if (fate === 'create') return [{ desired: manifest, dryRun: manifest }];
      const dryRun = fate === 'update' ? { ...manifest, spec: { changed: true } } : manifest;
      return [{ desired: manifest, live: observed(manifest), dryRun }];
    }),
    orphans: members.flatMap(({ manifest, fate }) =>
      fate === 'delete' ? [{ entry: entryOf(manifest), live: observed(manifest) }] : [],
    ),
    inventory: {
      binding: { uid: 'i', resourceVersion: '1' },
      entries: listed.map(({ manifest }) => entryOf(manifest)),
    },
    warnings: [],
  };
}

describe('buildPlan()', () => {
  test('has one row for every object, with the action it needs', () => {
    fc.assert(
      fc.property(someMembers, (members) => {
        const { changes } = buildPlan(inputOf(members));
        const actual = changes.map(({ action, ref }) => `${action} ${identityOf(ref)}`);
        const expected = members.map(
          ({ manifest, fate }) => `${fate} ${identityOf(refOf(manifest))}`,
        );
        expect(actual.toSorted()).toEqual(expected.toSorted());
      }),
    );
  });

  test('puts deletes last and backwards, whatever the order of the input', () => {
    fc.assert(
      fc.property(someMembers, (members) => {
        const plan = buildPlan(inputOf(members));
        const writes = plan.changes.filter(({ action }) => action !== 'delete');
        const deletes = plan.changes.filter(({ action }) => action === 'delete');
        expect(plan.changes).toEqual([...writes, ...deletes]);
        expect(writes).toEqual(writes.toSorted((a, b) => compareRefs(a.ref, b.ref)));
        expect(deletes).toEqual(deletes.toSorted((a, b) => compareRefs(b.ref, a.ref)));
        expect(buildPlan(inputOf([...members].reverse()))).toEqual(plan);
      }),
    );
  });

  test('survives JSON', () => {
    fc.assert(
      fc.property(someMembers, (members) => {
        const plan = buildPlan(inputOf(members));
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      }),
    );
  });

  test('records another inventory exactly when objects come or go', () => {
    fc.assert(
      fc.property(someMembers, (members) => {
        const moves = members.some(({ fate }) => fate === 'create' || fate === 'delete');
        const { inventory } = buildPlan(inputOf(members));
        expect(inventory?.action).toBe(moves ? 'update' : 'keep');
      }),
    );
  });
});

describe('describeMove()', () => {
  const manifest = { ...member('Service', 'a'), spec: { port: 1 }, status: { ready: 1 } };
  const binding = bindingOf(observed(manifest));

  test.each([
    ['nothing for the same object', observed(manifest), undefined],
    ['nothing for another status', observed({ ...manifest, status: { ready: 2 } }, '2'), undefined],
    ['an edit', observed({ ...manifest, spec: { port: 2 } }, '2'), /was edited/],
    ['a deletion', undefined, /was deleted/],
  ])('says %s', (_, live, expected) => {
    const move = describeMove(binding, live);
    if (expected === undefined) expect(move).toBeUndefined();
    else expect(move).toMatch(expected);
  });

  test('says an edit of a Secret, whose values it does not look at', () => {
    const secret = { ...member('Secret', 'a'), data: { a: 'x' } };
    const edited = { ...secret, data: { a: 'y' } };
    expect(describeMove(bindingOf(observed(secret)), observed(edited, '2'))).toMatch(/was edited/);
  });
});
