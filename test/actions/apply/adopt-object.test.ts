import { describe, expect, test } from 'vitest';
import {
  type AdoptingChange,
  dropFormerManagers,
  moveOwnership,
} from '../../../src/actions/apply/adopt-object.ts';
import type { LiveObject } from '../../../src/cluster/index.ts';
import { DsdeployError } from '../../../src/errors/index.ts';
import { bindingOf } from '../../../src/plan/index.ts';
import { errorOf } from '../error-of.ts';

const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'llm', name: 'theirs' } as const;

/** An object of kubectl at one version; its status is a controller's. */
function version(resourceVersion: string, value = 'a'): LiveObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: ref.name,
      namespace: ref.namespace,
      uid: 'u',
      resourceVersion,
      managedFields: [
        {
          manager: 'kubectl-create',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsV1: { 'f:spec': { 'f:value': {} } },
        },
        {
          manager: 'controller',
          operation: 'Update',
          apiVersion: 'v1',
          subresource: 'status',
          fieldsV1: { 'f:status': {} },
        },
      ],
    },
    spec: { value },
    status: { seen: resourceVersion },
  };
}

const planned = version('1');

const change: AdoptingChange = {
  action: 'update',
  ref,
  desired: { apiVersion: 'v1', kind: 'Service', metadata: { name: ref.name } },
  certainty: 'server',
  fields: [],
  ...bindingOf(planned),
  adoption: { from: 'kubectl-create', managers: ['kubectl-create'], coOwners: [], marks: [] },
};

/** Reads give the versions in turn, the last one for ever; the first `races` patches come too late. */
function racingCluster(versions: readonly LiveObject[], races: number) {
  const calls = { reads: 0, patches: 0 };
  return {
    calls,
    get: () => {
      calls.reads += 1;
      return Promise.resolve(versions[Math.min(calls.reads, versions.length) - 1]);
    },
    patch: () => {
      calls.patches += 1;
      if (calls.patches > races) return Promise.resolve(planned);
      return Promise.reject(new DsdeployError('OBJECT_CHANGED', 'the object has been modified'));
    },
  };
}

describe('an adoption', () => {
  test('looks again when a controller wrote the status in between', async () => {
    const cluster = racingCluster([planned, version('2'), version('3')], 2);
    await moveOwnership(change, cluster);
    expect(cluster.calls).toEqual({ reads: 3, patches: 3 });
  });

  test('ends when somebody edited the object in between', async () => {
    const cluster = racingCluster([planned, version('2', 'b')], 1);
    const error = await errorOf(moveOwnership(change, cluster));
    expect(error).toMatchObject({ code: 'OBJECT_CHANGED', subject: 'Service/llm/theirs' });
    expect(cluster.calls).toEqual({ reads: 2, patches: 1 });
  });

  test('gives up in the end', async () => {
    const cluster = racingCluster([planned], 100);
    expect((await errorOf(moveOwnership(change, cluster))).code).toBe('OBJECT_CHANGED');
    expect(cluster.calls.patches).toBe(6);
  });

  test('drops what the server made up, from a fresh look after a race', async () => {
    const invented = version('4');
    const cluster = racingCluster([version('5')], 1);
    await dropFormerManagers(change, invented, cluster);
    expect(cluster.calls).toEqual({ reads: 1, patches: 2 });
  });
});
