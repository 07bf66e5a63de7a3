import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { type PlanRequest, planDeployment } from '../../src/actions/plan/index.ts';
import type { Cluster } from '../../src/cluster/index.ts';
import { formatRef, type Manifest, refOf, sortManifests } from '../../src/manifest/index.ts';
import { hasChanges, type Plan } from '../../src/plan/index.ts';
import { errorOf } from '../actions/error-of.ts';
import { RecordingHost } from '../actions/recording-host.ts';
import { openTestSandbox, type TestSandbox } from './a-sandbox.ts';
import { KillableCluster } from './killable-cluster.ts';

const host = new RecordingHost();
let sandbox: TestSandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await openTestSandbox('nothing');
  ({ cluster } = sandbox);
}, 900_000);

afterAll(() => sandbox.close(), 60_000);

/** A kind of its own for each test, with a default, an enumeration, list keys and a preserved part. */
function definition(group: string): Manifest {
  const route = {
    type: 'object',
    required: ['host'],
    properties: {
      host: { type: 'string' },
      mode: { type: 'string', enum: ['least', 'random'], default: 'least' },
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gates.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Gate', plural: 'gates', singular: 'gate', listKind: 'GateList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: {
                    routes: {
                      type: 'array',
                      items: route,
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['host'],
                    },
                    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  },
                },
              },
            },
          },
        },
      ],
    },
  };
}

type Routes = readonly Readonly<Record<string, unknown>>[];

/** Namespace, definition, custom resource and built-in objects, on a cluster that has none of them. */
function aRequest(namespace: string, routes: Routes, service: object = {}): PlanRequest {
  const group = `${namespace}.example.com`;
  const inNamespace = (name: string) => ({ name, namespace });
  const manifests: Manifest[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    definition(group),
    {
      apiVersion: `${group}/v1`,
      kind: 'Gate',
      metadata: inNamespace('gate'),
      spec: { routes, free: { any: [1] } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: inNamespace('api'),
      spec: { ports: [{ port: 80 }], selector: { app: 'api' }, ...service },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: inNamespace('narrow'),
      spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] },
    },
  ];
  const deployment = { name: 'gate', namespace };
  return { deployment, manifests: sortManifests(manifests), createNamespace: true };
}

function certainties({ changes }: Plan): string[] {
  return changes.map((change) => {
    const certainty = 'certainty' in change ? change.certainty : 'none';
    return `${change.action} ${formatRef(change.ref)} ${certainty}`;
  });
}

describe('one plan from nothing', { timeout: 120_000 }, () => {
  test('says how sure each row is, is applied as it stands, and then server-checked', async () => {
    const request = aRequest('fresh', [{ host: 'b' }, { host: 'a', mode: 'random' }]);
    const made = await planDeployment(request, { cluster, host });
    expect(certainties(made)).toEqual([
      'create Namespace/fresh server',
      'create CustomResourceDefinition/gates.fresh.example.com server',
      'create NetworkPolicy/fresh/narrow schema',
      'create Service/fresh/api schema',
      'create Gate/fresh/gate schema',
    ]);

    await applyPlan(made, { cluster, host });
    for (const manifest of request.manifests)
      expect(await cluster.get(refOf(manifest))).toBeDefined();

    const again = await planDeployment(request, { cluster, host });
    expect(hasChanges(again)).toBe(false);
    expect(certainties(again).every((row) => row.endsWith(' server'))).toBe(true);

    const changed = aRequest('fresh', [{ host: 'a' }, { host: 'b' }]);
    const { changes } = await planDeployment(changed, { cluster, host });
    expect(changes.flatMap((change) => (change.action === 'update' ? change.fields : []))).toEqual([
      // By the key that the definition names: the table does not know this list.
      { path: 'spec.routes[host=a].mode', before: 'random', after: 'least', by: 'server' },
      { path: 'spec.routes (order)', before: ['host=b', 'host=a'], after: ['host=a', 'host=b'] },
    ]);
  });

  test('finds every mistyped field before any write, with one error', async () => {
    const request = aRequest('typos', [{ hots: 'a' }, { host: 'b', mode: 'fastest' }], {
      prots: [],
    });
    const watched = new KillableCluster(cluster);
    const error = await errorOf(planDeployment(request, { cluster: watched, host }));
    expect(error).toMatchObject({ code: 'OBJECT_INVALID', exitCode: 1 });
    const messages = error.details.map(({ location, message }) => `${location ?? ''}: ${message}`);
    const cannot = (ref: string) => `${ref}: Cannot check ${ref} against its schema`;
    const [gate, service] = ['Gate/typos/gate', 'Service/typos/api'];
    expect(messages).toEqual([
      `${cannot(gate)}: spec.routes[0]: the required field "host" is missing and 2 more`,
      `${gate} spec.routes[0].hots: unknown field "spec.routes[0].hots", did you mean "host"?`,
      `${gate} spec.routes[1].mode: it has to be one of least, random`,
      `${cannot(service)}: unknown field "spec.prots", did you mean "ports"?`,
    ]);
    expect(watched.writes).toEqual([]);
  });

  test('reads the schemas of an API version once, and none when nothing needs them', async () => {
    const request = aRequest('counted', [{ host: 'a' }]);
    const counted = new CountingCluster(cluster);
    const made = await planDeployment(request, { cluster: counted, host });
    expect(counted.schemaReads.toSorted()).toEqual(['networking.k8s.io/v1', 'v1']);
    await applyPlan(made, { cluster, host });
    const quiet = new CountingCluster(cluster);
    await planDeployment(request, { cluster: quiet, host });
    expect(quiet.schemaReads).toEqual([]);
  });
});

/** Records which schemas are asked for. */
class CountingCluster extends KillableCluster {
  readonly schemaReads: string[] = [];
  override readonly readSchemas: Cluster['readSchemas'];

  constructor(inner: Cluster) {
    super(inner);
    this.readSchemas = (apiVersion) => {
      this.schemaReads.push(apiVersion);
      return inner.readSchemas(apiVersion);
    };
  }
}
