import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { planDeployment } from '../../src/actions/plan/index.ts';
import type { Cluster } from '../../src/cluster/index.ts';
import { DsdeployError } from '../../src/errors/index.ts';
import { type Manifest, refOf, sortManifests } from '../../src/manifest/index.ts';
import {
  defaultListRules,
  diffObjects,
  findLostFields,
  hasChanges,
  listRulesOf,
  validateObject,
} from '../../src/plan/index.ts';
import { errorOf } from '../actions/error-of.ts';
import { RecordingHost } from '../actions/recording-host.ts';
import { FakeApiServer, json } from '../contract/fake-api-server.ts';
import { openAt } from '../contract/open-fake.ts';
import { goldenManifests, specNames } from '../render/golden-files.ts';
import { openTestSandbox, type TestSandbox } from './a-sandbox.ts';
import { type Accepted, dryRunAcceptable } from './acceptable.ts';
import { readServedKinds, type ServedKind, type ServedKinds } from './served-kinds.ts';

const host = new RecordingHost();
let sandbox: TestSandbox;
let cluster: Cluster;
let served: ServedKinds;

beforeAll(async () => {
  sandbox = await openTestSandbox('lossless');
  ({ cluster } = sandbox);
  served = await readServedKinds(sandbox.state.kubeconfigPath);
}, 900_000);

afterAll(() => sandbox.close(), 60_000);

const outcomes = new Map<ServedKind, Promise<Accepted | DsdeployError>>();

/** What the server takes of a kind; asked once. */
function outcomeOf(kind: ServedKind): Promise<Accepted | DsdeployError> {
  const outcome = outcomes.get(kind) ?? dryRunAcceptable(kind.full(), cluster);
  outcomes.set(kind, outcome);
  return outcome;
}

/**
 * Fields that the server knows and drops: alpha features that are off, and two references of an older
 * form. Nothing of ours is between: the plan warns of each.
 */
const droppedByServer: readonly RegExp[] = [
  /^CSIDriver spec\.preventPodSchedulingIfMissing$/,
  /^Lease spec\.(preferredHolder|strategy)$/,
  /^Node spec\.configSource$/,
  /^PersistentVolumeClaim spec\.dataSource(Ref)?$/,
  /^ServiceAccount secrets\[0\]\.(apiVersion|fieldPath|kind|namespace|resourceVersion|uid)$/,
];

describe('every field of every kind that the server takes patches for', {
  timeout: 120_000,
}, () => {
  test('is sent and read as it is, with what only a newer server knows', async () => {
    const echo = await FakeApiServer.start();
    onTestFinished(() => echo.stop());
    for (const [path, found] of served.discovery) echo.on(`GET ${path}`, json(found));
    const through = await openAt(echo.url);
    expect(served.kinds.length).toBeGreaterThan(50);
    for (const kind of served.kinds) {
      const full = kind.full();
      const newer = { depth: [{ of: ['a', 1, null, true, {}, []] }] };
      const metadata = { ...full.metadata, uid: 'u', resourceVersion: '1', newer };
      const sent = { ...withNewer(full, newer), ...kindOf(kind), metadata } as unknown as Manifest;
      const reply = (
        response: Parameters<ReturnType<typeof json>>[0],
        request: { body: string },
      ) => {
        response.setHeader('content-type', 'application/json');
        response.end(request.body);
      };
      echo.on(`PATCH ${pathOf(kind)}`, reply);
      const { object } = await through.apply(sent, { dryRun: true, force: true });
      expect(object).toEqual(sent);
    }
  });

  test('is shown by the diff when it differs', () => {
    for (const kind of served.kinds) {
      const rules = { listRules: listRulesOf(kind.schema, defaultListRules) };
      const before = kind.full() as unknown as Manifest;
      expect(diffObjects(before, before, rules)).toEqual([]);
      const leaves = leavesOf(before).filter((path) => !isIdentity(path));
      const runs = { numRuns: Math.min(leaves.length, 20) };
      if (leaves.length === 0) continue;
      fc.assert(
        fc.property(fc.constantFrom(...leaves), fc.boolean(), (path, isRemoved) => {
          const after = changedAt(before, path, isRemoved);
          const fields = diffObjects(before, after, rules);
          expect(fields, `${kind.kind} ${path.join('.')}`).not.toEqual([]);
          // Where it was, and not merely somewhere.
          const root = String(path[0]);
          expect(fields.every((field) => field.path.startsWith(root))).toBe(true);
        }),
        runs,
      );
    }
  });

  test('comes back from the server, unless the server drops or refuses it itself', async () => {
    const lost: string[] = [];
    const accepted = new Set<string>();
    for (const kind of served.kinds) {
      const outcome = await outcomeOf(kind);
      if (outcome instanceof DsdeployError) {
        // Refused aloud, for its name or for fields that depend on each other: nothing is lost.
        expect(['OBJECT_INVALID', 'ADMISSION_DENIED']).toContain(outcome.code);
        continue;
      }
      accepted.add(kind.kind);
      const { sent, result } = outcome;
      lost.push(...findLostFields(sent, result).map((path) => `${kind.kind} ${path}`));
    }
    expect(lost.filter((field) => !droppedByServer.some((known) => known.test(field)))).toEqual([]);
    expect([...accepted]).toEqual(expect.arrayContaining(renderedKinds.filter(isServed)));
    expect(accepted.size).toBeGreaterThan(45);
  });

  test('is named when the server does not know it, and never dropped', async () => {
    for (const kind of served.kinds.filter((one) => renderedKinds.includes(one.kind))) {
      const outcome = await outcomeOf(kind);
      if (outcome instanceof DsdeployError) throw outcome;
      const sent = { ...outcome.sent, fairness: { share: 1 } };
      const error = await errorOf(cluster.apply(sent, { dryRun: true, force: true }));
      expect(error).toMatchObject({
        code: 'OBJECT_INVALID',
        message: expect.stringContaining('fairness') as string,
      });
    }
  });
});

describe('the schema check', { timeout: 120_000 }, () => {
  test('accepts whatever the server accepts: every field, and all that is rendered', async () => {
    for (const kind of served.kinds) {
      const outcome = await outcomeOf(kind);
      if (outcome instanceof DsdeployError) continue;
      expect(validateObject(outcome.sent, kind.schema), kind.kind).toEqual([]);
    }
    for (const manifest of renderedManifests()) {
      const kind = served.kinds.find((one) => isOfKind(one, manifest));
      if (kind !== undefined) expect(validateObject(manifest, kind.schema)).toEqual([]);
    }
  });
});

describe('the table of list keys', () => {
  test('agrees with the server on every list of every kind that is rendered', () => {
    const kinds = served.kinds.filter(({ kind }) => renderedKinds.includes(kind));
    expect(kinds.length).toBeGreaterThan(7);
    const disagreements = kinds.flatMap((kind) =>
      listPathsOf(kind.full()).flatMap((path) => {
        const none = { find: () => undefined };
        const server = listRulesOf(kind.schema, none).find(path);
        const table = defaultListRules.find(path);
        if (server === undefined) return [];
        // Without an entry, items are told apart by distinct names and else by their place.
        const isGuessed = server.kind !== 'map' || server.keys.join('') === 'name';
        if (table === undefined && isGuessed) return [];
        return JSON.stringify(server) === JSON.stringify(table)
          ? []
          : [`${kind.kind} ${path.join('.')}: ${JSON.stringify(server)}`];
      }),
    );
    expect(disagreements).toEqual([]);
  });
});

test('what typed clients lose is applied, read back and then unchanged', {
  timeout: 120_000,
}, async () => {
  const namespace = 'kept';
  const manifests = sortManifests(easilyLost(namespace));
  const request = {
    deployment: { name: 'kept', namespace },
    manifests,
    createNamespace: true,
  };
  await applyPlan(await planDeployment(request, { cluster, host }), { cluster, host });
  for (const manifest of manifests) {
    const live = await cluster.get(refOf(manifest));
    if (live === undefined) throw new Error(`${manifest.kind} is not there`);
    expect(findLostFields(manifest, live)).toEqual([]);
    const [listed] = (await cluster.list(manifest)).filter(
      ({ metadata }) => metadata.uid === live.metadata.uid,
    );
    expect(listed?.['spec']).toEqual(live['spec']);
  }
  const again = await planDeployment(request, { cluster, host });
  expect(hasChanges(again)).toBe(false);
  expect(again.warnings).toEqual([]);
});

/** Fields that the typed models of JavaScript clients drop: `from`, `default`, `enum`, `x-kubernetes-*`. */
function easilyLost(namespace: string): Manifest[] {
  const metadata = { name: 'kept', namespace };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [
              { podSelector: { matchLabels: { role: 'gateway' } } },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
            ],
            ports: [{ port: 8000, endPort: 8003, protocol: 'TCP' }],
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata,
      spec: {
        limits: [
          {
            type: 'Container',
            default: { cpu: '2' },
            defaultRequest: { cpu: '1' },
            maxLimitRequestRatio: { cpu: '4' },
          },
        ],
      },
    },
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'keepers.kept.example.com' },
      spec: {
        group: 'kept.example.com',
        scope: 'Namespaced',
        names: { kind: 'Keeper', plural: 'keepers', singular: 'keeper', listKind: 'KeeperList' },
        conversion: { strategy: 'None' },
        versions: [{ name: 'v1', served: true, storage: true, schema: keeperSchema }],
      },
    },
  ];
}

const keeperSchema = {
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        'x-kubernetes-validations': [{ rule: 'self.mode != "none"', message: 'choose one' }],
        properties: {
          mode: { type: 'string', enum: ['one', 'two'], default: 'one' },
          port: { 'x-kubernetes-int-or-string': true },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          hosts: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          routes: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['host'],
            items: { type: 'object', required: ['host'], properties: { host: { type: 'string' } } },
          },
        },
      },
    },
  },
};

function renderedManifests(): Manifest[] {
  return specNames.flatMap((name) =>
    parseAllDocuments(goldenManifests(name).text).map((document) => document.toJS() as Manifest),
  );
}

const renderedKinds: readonly string[] = [...new Set(renderedManifests().map(({ kind }) => kind))];

function isServed(kind: string): boolean {
  return served.kinds.some((one) => one.kind === kind);
}

function isOfKind(one: ServedKind, { apiVersion, kind }: Manifest): boolean {
  return one.apiVersion === apiVersion && one.kind === kind;
}

function kindOf({ apiVersion, kind }: ServedKind) {
  return { apiVersion, kind };
}

function pathOf({ apiVersion, kind, namespaced }: ServedKind): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : '/api/v1';
  const found = served.discovery.get(root) as {
    resources: readonly { name: string; kind: string }[];
  };
  const plural = found.resources.find((one) => one.kind === kind && !one.name.includes('/'))?.name;
  return `${root}${namespaced ? '/namespaces/default' : ''}/${plural ?? ''}/full`;
}

/** Adds a field that no schema has to every map at the top. */
function withNewer(object: Record<string, unknown>, newer: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? { ...value, newer }
        : value,
    ]),
  );
}

type Path = readonly (string | number)[];

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

/** Names of the fields that lead to each list. */
function listPathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item) => listPathsOf(item, path))];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => listPathsOf(inner, [...path, name]));
}

/** What tells the object from others, and what only the server writes. */
function isIdentity(path: Path): boolean {
  return ['apiVersion', 'kind'].includes(String(path[0])) || path.join('.') === 'metadata.name';
}

function changedAt(object: Manifest, path: Path, isRemoved: boolean): Manifest {
  const copy = structuredClone(object);
  const parent = path.slice(0, -1).reduce<unknown>((value, key) => {
    return (value as Record<string | number, unknown>)[key];
  }, copy) as Record<string | number, unknown>;
  const key = path.at(-1) ?? '';
  if (isRemoved) Reflect.deleteProperty(parent, key);
  else parent[key] = 'another value';
  return copy;
}
