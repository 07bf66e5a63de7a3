import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveObject, WatchEvent } from '../../../src/cluster/index.ts';
import { KnownObjects } from '../../../src/cluster/watch/known-objects.ts';

const object = (name: string, uid: string, resourceVersion: string): LiveObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ds', uid, resourceVersion },
});

/** Replays events as a reader of the watch would. */
function replay(state: Map<string, LiveObject>, events: readonly WatchEvent[]): void {
  for (const event of events) {
    if (event.type === 'synced') continue;
    const { name } = event.object.metadata;
    expect(state.has(name)).toBe(event.type !== 'added');
    if (event.type === 'deleted') state.delete(name);
    else state.set(name, event.object);
  }
}

const anyObject = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('u1', 'u2'), fc.constantFrom('1', '2'))
  .map(([name, uid, version]) => object(name, uid, version));

const anyStep = fc.oneof(
  fc.record({ do: fc.constant('put' as const), object: anyObject }),
  fc.record({ do: fc.constant('remove' as const), object: anyObject }),
  fc.record({
    do: fc.constant('list' as const),
    items: fc.uniqueArray(anyObject, { selector: ({ metadata }) => metadata.name }),
  }),
);

describe('KnownObjects', () => {
  test('tells a recreated object as deleted and added', () => {
    const known = new KnownObjects();
    known.put(object('a', 'u1', '1'));
    expect(known.put(object('a', 'u2', '2')).map(({ type }) => type)).toEqual(['deleted', 'added']);
  });

  test('keeps quiet about what did not change', () => {
    const known = new KnownObjects();
    known.put(object('a', 'u1', '1'));
    expect(known.put(object('a', 'u1', '1'))).toEqual([]);
    expect(known.remove(object('b', 'u1', '1'))).toEqual([]);
  });

  test('never gives events that contradict each other, and leads a reader to the last list', () => {
    fc.assert(
      fc.property(
        fc.array(anyStep),
        fc.uniqueArray(anyObject, { selector: (o) => o.metadata.name }),
        (steps, last) => {
          const known = new KnownObjects();
          const state = new Map<string, LiveObject>();
          for (const step of steps) {
            if (step.do === 'put') replay(state, known.put(step.object));
            else if (step.do === 'remove') replay(state, known.remove(step.object));
            else replay(state, known.replaceAll(step.items));
          }
          replay(state, known.replaceAll(last));
          const versions = (objects: Iterable<LiveObject>) =>
            [...objects]
              .map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`)
              .toSorted();
          expect(versions(state.values())).toEqual(versions(last));
        },
      ),
    );
  });
});
