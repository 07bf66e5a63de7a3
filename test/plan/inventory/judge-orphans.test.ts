import { describe, expect, test } from 'vitest';
import {
  type InventoryEntry,
  judgeOrphans,
  type ObservedObject,
  setIdOf,
  withPartOf,
} from '../../../src/plan/index.ts';

const setId = setIdOf({ name: 'v32', namespace: 'llm' });
const entry: InventoryEntry = {
  apiVersion: 'v1',
  kind: 'Service',
  namespace: 'llm',
  name: 'a',
  uid: 'u1',
};
const options = {
  setId,
  includeVolumes: false,
  includeNamespaces: false,
  prunesBesideSilentApi: false,
  successors: [],
  reason: 'its manifest is gone',
};

function aLive(label: string | undefined, uid = 'u1'): ObservedObject {
  const metadata = { name: 'a', namespace: 'llm', uid, resourceVersion: '1' };
  const object = { apiVersion: 'v1', kind: 'Service', metadata };
  if (label === undefined) return object;
  return { ...object, metadata: { ...metadata, ...withPartOf(object, label).metadata } };
}

describe('judgeOrphans()', () => {
  test.each([
    { what: 'deletes what is ours', orphan: { entry, live: aLive(setId) }, deletes: 1, kept: 0 },
    { what: 'forgets what is gone', orphan: { entry }, deletes: 0, kept: 0 },
    {
      what: 'forgets what lost our label',
      orphan: { entry, live: aLive(undefined) },
      deletes: 0,
      kept: 0,
    },
    {
      what: 'leaves alone what somebody made again under our label, and goes on listing it',
      orphan: { entry, live: aLive(setId, 'u2') },
      deletes: 0,
      kept: 1,
    },
    {
      what: 'goes on listing what it could not look at',
      orphan: { entry, unreadable: 'it may not be read' },
      deletes: 0,
      kept: 1,
    },
  ])('$what', ({ orphan, deletes, kept }) => {
    const judged = judgeOrphans([orphan], options);
    expect(judged.deletes).toHaveLength(deletes);
    expect(judged.kept).toHaveLength(kept);
  });

  test('keeps everything while an API of the deployment does not answer, unless told otherwise', () => {
    const api = 'example.com/v1';
    const silent = { ...entry, apiVersion: api, kind: 'Widget' };
    const orphans = [
      { entry, live: aLive(setId) },
      { entry: silent, unreadable: 'no answer', silentApi: api },
    ];
    const judged = judgeOrphans(orphans, options);
    expect(judged.deletes).toEqual([]);
    expect(judged.kept).toEqual([entry, silent]);
    expect(judged.retained.map(({ reason }) => reason)).toEqual([
      'nothing is pruned while the API example.com/v1 does not answer',
      'no answer',
    ]);
    const destroyed = judgeOrphans(orphans, { ...options, prunesBesideSilentApi: true });
    expect(destroyed.deletes).toMatchObject([{ ref: { kind: 'Service' } }]);
    expect(destroyed.kept).toEqual([silent]);
  });
});
