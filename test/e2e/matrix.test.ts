import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { type LiveObject, type OpenedCluster, openCluster } from '../../src/cluster/index.ts';
import {
  type Layout,
  type PlacedGroup,
  planLayout,
  podSecurityOf,
} from '../../src/layout/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import { startSandbox, stopSandbox } from '../../src/sandbox/index.ts';
import { readSpec, specNames } from '../render/golden-files.ts';
import { ManifestJudges } from './manifest-judges.ts';

/** Enough of every kind for the largest row, and no more, so that pods must go where they fit. */
const nodes = [
  { kind: 'h200', count: 4 },
  { kind: 'mi355x', count: 2 },
  { kind: 'ascend-a2', count: 2 },
  { kind: 'ascend-a3', count: 2 },
] as const;

/** How long a row may take; generous, since the machine may be busy with other tests. */
const rowMs = 180_000;

const podSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ nodeName: z.string().optional() }),
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
  }),
});

const sliceSchema = z.object({
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string()),
        conditions: z.object({ ready: z.boolean() }),
        targetRef: z.object({ name: z.string() }),
      }),
    )
    .nullish(),
});

describe('every row of the matrix on a real API server', () => {
  const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-matrix-test-'));
  const sandboxDirectory = join(directory, 'sandbox');
  let cluster: OpenedCluster;
  let judges: ManifestJudges;
  let judgedRows = 0;
  /** Undoes what was set up so far, however far that got. */
  const teardown = new AsyncDisposableStack();
  teardown.defer(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  beforeAll(async () => {
    const state = await startSandbox({ name: 'matrix', directory: sandboxDirectory, nodes });
    teardown.defer(async () => {
      await stopSandbox(sandboxDirectory);
    });
    cluster = await openCluster({ kubeconfig: state.kubeconfigPath, env: {} });
    teardown.defer(() => cluster.close());
    judges = await ManifestJudges.prepare(state, directory);
    // Generous: the first run on a machine builds the scanners here.
  }, 600_000);

  afterAll(async () => {
    await teardown.disposeAsync();
    // Only a whole run tells which waivers nothing needs.
    if (judgedRows === specNames.length) expect(judges.unusedWaivers()).toEqual([]);
  }, 60_000);

  test.each(specNames)(
    '%s is admitted, scheduled, ready, served by its leaders, and faultless to scanners',
    async (name) => {
      const layout = layoutOf(name);
      // A row that fails must not keep the nodes from the others.
      onTestFinished(() => remove(layout), rowMs / 2);
      const manifests = renderManifests(layout);
      await prepare(layout);
      for (const manifest of manifests) {
        const { warnings } = await cluster.apply(manifest, { dryRun: true, force: true });
        expect(warnings, manifest.kind).toEqual([]);
      }
      for (const manifest of manifests) await apply(manifest);

      const expected = expectedPods(layout);
      await expect
        .poll(async () => readyPods(layout), { timeout: rowMs / 2 })
        .toEqual(expected.map((pod) => pod.name));
      for (const pod of await readPods(layout)) {
        const group = expected.find((wanted) => wanted.name === pod.metadata.name)?.group;
        expect(pod.spec.nodeName, pod.metadata.name).toMatch(`${group?.pool.accelerator ?? ''}-`);
      }
      for (const service of ['api', 'leaders']) {
        await expect
          .poll(async () => readyEndpoints(layout, service), { timeout: rowMs / 4 })
          .toEqual(expected.filter((pod) => pod.serves).map((pod) => pod.name));
      }
      // The pods as the LeaderWorkerSet controller made them of the templates.
      const kind = { apiVersion: 'v1', kind: 'Pod' };
      const pods = await cluster.list(kind, { namespace: layout.spec.namespace });
      const expanded = pods.map((pod) => ({ ...pod, ...kind, status: {} }));
      const findings = await judges.judge([...manifests, ...expanded]);
      judgedRows += 1;
      expect(findings).toEqual([]);
    },
    rowMs,
  );

  test(
    'the scanners find an unknown field and a missing limit',
    async () => {
      const spec = { containers: [{ name: 'engine', image: 'engine:1' }], unknownField: 1 };
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bad' }, spec };
      expect(await judges.find([pod])).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            scanner: 'kubeconform',
            object: 'Pod bad',
            summary: expect.stringContaining('unknownField'),
          }),
          expect.objectContaining({ scanner: 'kube-score', check: 'container-resources' }),
        ]),
      );
    },
    rowMs,
  );

  /** What a row expects to be there: its namespace, volume of weights and API key. */
  async function prepare(layout: Layout): Promise<void> {
    const { namespace, api, model } = layout.spec;
    const labels = { 'pod-security.kubernetes.io/enforce': securityLevel(layout) };
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
    const { source } = model.weights;
    if (source.kind === 'pvc') {
      const metadata = { name: source.claimName, namespace };
      const resources = { requests: { storage: '1Ti' } };
      const spec = { accessModes: ['ReadWriteMany'], resources };
      await apply({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec });
    }
    if (api.keySecret === 'none') return;
    const { name, key } = api.keySecret;
    const data = { [key]: Buffer.from('sk-matrix').toString('base64') };
    const manifest = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data };
    await cluster.apply(manifest, {
      dryRun: false,
      force: true,
      fieldManager: 'dsdeploy-generated',
    });
  }

  async function apply(manifest: Manifest): Promise<void> {
    await cluster.apply(manifest, { dryRun: false, force: true });
  }

  async function readPods({ spec }: Layout): Promise<z.infer<typeof podSchema>[]> {
    const kind = { apiVersion: 'v1', kind: 'Pod' };
    const pods = await cluster.list(kind, { namespace: spec.namespace });
    return pods.map((pod) => podSchema.parse(pod));
  }

  async function readyPods(layout: Layout): Promise<string[]> {
    const pods = await readPods(layout);
    const isReady = ({ status }: z.infer<typeof podSchema>): boolean =>
      status.conditions.some(
        (condition) => condition.type === 'Ready' && condition.status === 'True',
      );
    return pods
      .filter(isReady)
      .map((pod) => pod.metadata.name)
      .toSorted();
  }

  async function readyEndpoints({ spec }: Layout, service: string): Promise<string[]> {
    const kind = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
    const slices = await cluster.list(kind, { namespace: spec.namespace });
    return slices
      .filter((slice) => serviceOf(slice) === `${spec.name}-${service}`)
      .flatMap((slice) => sliceSchema.parse(slice).endpoints ?? [])
      .filter((endpoint) => endpoint.conditions.ready)
      .map((endpoint) => endpoint.targetRef.name)
      .toSorted();
  }

  /** Frees the nodes for the next row. */
  async function remove(layout: Layout): Promise<void> {
    const { namespace } = layout.spec;
    const kind = { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet' };
    for (const { metadata } of await cluster.list(kind, { namespace })) {
      const { name, uid } = metadata;
      await cluster.delete({ ...kind, namespace, name }, { uid });
    }
    await expect.poll(() => readPods(layout), { timeout: rowMs / 4 }).toEqual([]);
  }
});

/** The row in a namespace of its own. */
function layoutOf(name: string): Layout {
  return planLayout({ ...readSpec(name), namespace: `matrix-${name}` });
}

/** Pod Security level that the row claims to need, for rows that make no namespace. */
function securityLevel({ spec, groups }: Layout): string {
  const needed = groups
    .filter((group) => group.kind === 'placed')
    .map((group) => podSecurityOf(group, spec.model.weights.source).level);
  const levels = ['privileged', 'baseline', 'restricted'] as const;
  return levels.find((level) => needed.includes(level)) ?? 'restricted';
}

interface ExpectedPod {
  readonly name: string;
  readonly group: PlacedGroup;
  readonly serves: boolean;
}

/** Pods by name, as the LeaderWorkerSet controller names them. */
function expectedPods({ groups }: Layout): ExpectedPod[] {
  return groups
    .filter((group) => group.kind === 'placed')
    .flatMap((group) =>
      Array.from({ length: group.spec.replicas }, (_, copy) =>
        group.pods.map(({ index }) => {
          const workload = group.workloads[index === 0 ? 0 : 1];
          const leader = `${group.objectName}-${String(copy)}`;
          return {
            name: index === 0 ? leader : `${leader}-${String(index)}`,
            group,
            serves: (workload?.apiPorts.length ?? 0) > 0,
          };
        }),
      ).flat(),
    )
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function serviceOf({ metadata }: LiveObject): unknown {
  return metadata.labels?.['kubernetes.io/service-name'];
}
