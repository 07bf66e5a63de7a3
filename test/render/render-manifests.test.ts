import { describe, expect, test } from 'vitest';
import type { Layout } from '../../src/layout/index.ts';
import { planLayout } from '../../src/layout/index.ts';
import { canonicalJson } from '../../src/manifest/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import { aLayout, aLayoutOf, aTemplateSpec } from './a-layout.ts';
import { at, container, find, podSpec, render, template } from './find.ts';

const single = planLayout({ ...aTemplateSpec('h200-vllm-1-node'), createNamespace: true });

/** The fixture with another fabric in its pool. */
function onFabric(fabric: Partial<Layout['groups'][number] extends infer G ? Fabric<G> : never>) {
  return aLayoutOf((group) => ({
    ...group,
    pool: { ...group.pool, fabric: { ...group.pool.fabric, ...fabric } },
  }));
}

type Fabric<G> = G extends { readonly pool: { readonly fabric: infer F } } ? F : never;

const withoutRdma = withWeights({ kind: 'pvc', claimName: 'w' }, onFabric({ rdma: 'none' }));

describe('renderManifests()', () => {
  test('lists the objects in the order they are applied', () => {
    const names = renderManifests(aLayout()).map(
      ({ kind, metadata }) => `${kind}/${metadata.name}`,
    );
    expect(names).toEqual([
      'Namespace/deepseek',
      'ServiceAccount/deepseek',
      'NetworkPolicy/deepseek-api',
      'NetworkPolicy/deepseek-default-deny',
      'NetworkPolicy/deepseek-dns',
      'NetworkPolicy/deepseek-main-in-group',
      'Secret/deepseek-api-key',
      'ConfigMap/deepseek-start',
      'Service/deepseek-api',
      'Service/deepseek-leaders',
      'PodDisruptionBudget/deepseek-main',
      'LeaderWorkerSet/deepseek-main',
    ]);
  });

  test('gives equal bytes for equal layouts', () => {
    expect(JSON.stringify(renderManifests(aLayout()))).toBe(
      JSON.stringify(renderManifests(aLayout())),
    );
  });

  test('sorts all keys', () => {
    const manifests = renderManifests(aLayout());
    expect(JSON.stringify(manifests)).toBe(canonicalJson(manifests));
  });

  test('labels every object with its deployment', () => {
    for (const { kind, metadata } of renderManifests(aLayout())) {
      expect(metadata.labels, kind).toMatchObject({
        'app.kubernetes.io/instance': 'deepseek',
        'app.kubernetes.io/managed-by': 'dsdeploy',
        'app.kubernetes.io/name': 'dsdeploy',
      });
    }
  });

  test('puts everything but the namespace itself into the namespace', () => {
    const [namespace, ...others] = renderManifests(aLayout());
    expect(namespace?.metadata.namespace).toBeUndefined();
    for (const { metadata } of others) expect(metadata.namespace).toBe('deepseek');
  });

  test('leaves out a namespace that somebody else owns', () => {
    const layout = aLayout((spec) => ({ ...spec, createNamespace: false }));
    expect(renderManifests(layout).map(({ kind }) => kind)).not.toContain('Namespace');
  });

  test('refuses a layout that does not fit and tells every reason', () => {
    const layout = aLayout((spec) => ({
      ...spec,
      groups: spec.groups.map((group) => ({
        ...group,
        parallelism: { tensor: 3, data: 1, pipeline: 1, expert: false },
      })),
    }));
    expect(() => renderManifests(layout)).toThrow(
      expect.objectContaining({
        code: 'LAYOUT_REFUSED',
        details: expect.arrayContaining([expect.objectContaining({ location: 'group main' })]),
      }),
    );
  });
});

describe('LeaderWorkerSet', () => {
  test('never waits for a leader that itself waits for its workers', () => {
    expect(at(render(aLayout(), 'LeaderWorkerSet'), 'spec')).toMatchObject({
      startupPolicy: 'LeaderCreated',
      leaderWorkerTemplate: { restartPolicy: 'RecreateGroupOnPodRestart', size: 2 },
    });
  });

  test('starts the engine through the script, its command line readable as arguments', () => {
    expect(at(container(aLayout()), 'command')).toEqual([
      '/bin/bash',
      '/opt/dsdeploy/start/engine.sh',
    ]);
    expect(at(container(aLayout()), 'args')).toEqual(
      expect.arrayContaining(['vllm', 'serve', '/models/DeepSeek-V3.2']),
    );
  });

  test('probes the leader and not the headless worker', () => {
    expect(container(aLayout())).toHaveProperty('startupProbe.httpGet.path', '/health');
    expect(container(aLayout(), 'worker')).not.toHaveProperty('startupProbe');
    expect(container(aLayout(), 'worker')).not.toHaveProperty('ports');
  });

  test('uses one template for a group of one pod, which is its own leader', () => {
    const templates = at(render(single, 'LeaderWorkerSet'), 'spec', 'leaderWorkerTemplate');
    expect(templates).not.toHaveProperty('leaderTemplate');
    expect(at(template(single), 'metadata', 'labels', 'dsdeploy/role')).toBe('leader');
  });

  test('says its layout on the set and not on pods, where a changed word would restart them', () => {
    const annotations = render(aLayout(), 'LeaderWorkerSet').metadata.annotations;
    expect(annotations?.['dsdeploy/layout']).toBe('TP1 x DP16 + EP16, 2 pods x 8 devices');
    expect(annotations?.['dsdeploy/unverified']).toContain('not run on hardware');
    expect(Object.keys(at(template(aLayout()), 'metadata', 'annotations') as object)).toEqual([
      'dsdeploy/start-script-sha256',
      'prometheus.io/path',
      'prometheus.io/port',
      'prometheus.io/scrape',
    ]);
  });

  test('is scraped on the leader only, and only when metrics are on', () => {
    const silent = aLayout((spec) => ({
      ...spec,
      observability: { ...spec.observability, metrics: false },
    }));
    const scrape = ['metadata', 'annotations', 'prometheus.io/scrape'] as const;
    expect(at(template(aLayout()), ...scrape)).toBe('true');
    expect(at(template(aLayout(), 'worker'), ...scrape)).toBeUndefined();
    expect(at(template(silent), ...scrape)).toBeUndefined();
  });

  test('keeps a group inside one topology domain', () => {
    const layout = aLayoutOf((group) => ({
      ...group,
      pool: { ...group.pool, topologyKey: 'example.com/rack' },
    }));
    expect(render(layout, 'LeaderWorkerSet').metadata.annotations).toMatchObject({
      'leaderworkerset.sigs.k8s.io/exclusive-topology': 'example.com/rack',
    });
  });

  test('puts no two engine pods of a deployment on one node', () => {
    expect(podSpec(aLayout())).toHaveProperty(
      'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution',
      [
        {
          labelSelector: {
            matchLabels: {
              'app.kubernetes.io/instance': 'deepseek',
              'app.kubernetes.io/name': 'dsdeploy',
            },
          },
          topologyKey: 'kubernetes.io/hostname',
        },
      ],
    );
  });

  test('gives a pod time for its preStop sleep', () => {
    for (const role of ['leader', 'worker'] as const) {
      const sleep = at(container(aLayout(), role), 'lifecycle', 'preStop', 'sleep', 'seconds');
      const grace = at(podSpec(aLayout(), role), 'terminationGracePeriodSeconds');
      expect(Number(grace)).toBeGreaterThan(Number(sleep));
    }
  });

  test('asks for what it is limited to, so that the pod is not evicted for what others use', () => {
    const { limits, requests } = Object(at(container(aLayout()), 'resources'));
    expect(limits).toEqual(requests);
    expect(limits).toEqual({
      cpu: '32',
      memory: '512Gi',
      'ephemeral-storage': '100Gi',
      'nvidia.com/gpu': '8',
      'rdma/rdma_shared_device_a': '1',
    });
  });

  test('starts again when the start script changes', () => {
    expect(
      at(template(aLayout()), 'metadata', 'annotations', 'dsdeploy/start-script-sha256'),
    ).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('pod security', () => {
  test('is restricted for a group of one node, which needs no RDMA', () => {
    expect(render(single, 'Namespace').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'v1.36',
    });
    expect(podSpec(single)).toHaveProperty('securityContext', {
      fsGroup: 10_001,
      fsGroupChangePolicy: 'OnRootMismatch',
      runAsGroup: 10_001,
      runAsNonRoot: true,
      runAsUser: 2000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container(single)).toHaveProperty('securityContext', {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    expect(at(container(single), 'resources', 'limits')).not.toHaveProperty([
      'rdma/rdma_shared_device_a',
    ]);
  });

  test('is restricted for several nodes over plain TCP', () => {
    expect(podSpec(withoutRdma)).toHaveProperty('securityContext.runAsNonRoot', true);
    expect(render(withoutRdma, 'Namespace').metadata.annotations).toBeUndefined();
  });

  test('adds IPC_LOCK, and root to hold it, for RDMA alone and says why', () => {
    expect(container(aLayout())).toHaveProperty('securityContext', {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['IPC_LOCK'], drop: ['ALL'] },
      readOnlyRootFilesystem: false,
    });
    expect(podSpec(aLayout())).toHaveProperty('securityContext.runAsUser', 0);
    const { labels, annotations } = render(aLayout(), 'Namespace').metadata;
    expect(labels?.['pod-security.kubernetes.io/enforce']).toBe('privileged');
    expect(labels?.['pod-security.kubernetes.io/warn']).toBe('restricted');
    expect(annotations?.['dsdeploy/security-exceptions']).toContain('IPC_LOCK');
  });

  test('is privileged on the host network, and says what NetworkPolicy then misses', () => {
    const layout = onFabric({ rdma: 'none', hostNetwork: true });
    expect(podSpec(layout)).toMatchObject({
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
    });
    expect(render(layout, 'Namespace').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
    });
    const deny = render(layout, 'NetworkPolicy', 'deepseek-default-deny');
    expect(deny.metadata.annotations?.['kubernetes.io/description']).toContain(
      'Not enforced for main',
    );
  });

  test('is privileged when weights come from a host path', () => {
    const layout = withWeights({ kind: 'hostPath', path: '/data/v32' }, single);
    expect(render(layout, 'Namespace').metadata.annotations).toMatchObject({
      'dsdeploy/security-exceptions': expect.stringContaining('/data/v32'),
    });
  });
});

type Weights = Layout['spec']['model']['weights']['source'];

function withWeights(source: Weights, layout: Layout = aLayout()): Layout {
  const { spec } = layout;
  const model = { ...spec.model, weights: { ...spec.model.weights, source } };
  return { ...layout, spec: { ...spec, model } };
}

describe('weights', () => {
  test('show whole volumes above their folder, so that links to beside it resolve', () => {
    const layout = withWeights({ kind: 'pvc', claimName: 'w', subPath: 'DeepSeek-V3.2' });
    expect(weightsOf(layout)).toEqual({
      volume: { name: 'weights', persistentVolumeClaim: { claimName: 'w', readOnly: true } },
      mount: { name: 'weights', mountPath: '/models', readOnly: true },
    });
  });

  test('mount a folder of another name where the model path is', () => {
    const layout = withWeights({ kind: 'pvc', claimName: 'w', subPath: 'v32/final' });
    expect(weightsOf(layout).mount).toEqual({
      name: 'weights',
      mountPath: '/models/DeepSeek-V3.2',
      readOnly: true,
      subPath: 'v32/final',
    });
  });

  test('come from a host path that must exist', () => {
    expect(weightsOf(withWeights({ kind: 'hostPath', path: '/data/v32' }))).toEqual({
      volume: { name: 'weights', hostPath: { path: '/data/v32', type: 'Directory' } },
      mount: { name: 'weights', mountPath: '/models/DeepSeek-V3.2', readOnly: true },
    });
  });

  test('come from an image that is pulled once per node', () => {
    const layout = withWeights({ kind: 'image', reference: 'registry.example/v32:1' });
    expect(weightsOf(layout).volume).toEqual({
      name: 'weights',
      image: { reference: 'registry.example/v32:1', pullPolicy: 'IfNotPresent' },
    });
  });
});

function weightsOf(layout: Layout): { readonly volume: unknown; readonly mount: unknown } {
  return {
    volume: at(podSpec(layout), 'volumes', 0),
    mount: at(container(layout), 'volumeMounts', 0),
  };
}

describe('PodDisruptionBudget', () => {
  test.each([
    { replicas: 1, minAvailable: 2 },
    { replicas: 2, minAvailable: 2 },
    { replicas: 3, minAvailable: 4 },
  ])('keeps $minAvailable pods of $replicas copies of two', ({ replicas, minAvailable }) => {
    const layout = aLayoutOf((group) => ({ ...group, spec: { ...group.spec, replicas } }));
    expect(render(layout, 'PodDisruptionBudget')).toHaveProperty('spec.minAvailable', minAvailable);
  });
});

describe('NetworkPolicy', () => {
  test('denies both directions for all pods of the deployment', () => {
    expect(render(aLayout(), 'NetworkPolicy', 'deepseek-default-deny')).toHaveProperty('spec', {
      podSelector: {
        matchLabels: {
          'app.kubernetes.io/instance': 'deepseek',
          'app.kubernetes.io/name': 'dsdeploy',
        },
      },
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  test('lets in the same namespace and the peers of the spec, on the API port', () => {
    const layout = aLayout((spec) => ({
      ...spec,
      api: {
        ...spec.api,
        allowFrom: [
          { cidr: '10.0.0.0/8' },
          { namespaceLabels: { team: 'chat' }, podLabels: { app: 'gateway' } },
        ],
      },
    }));
    expect(render(layout, 'NetworkPolicy', 'deepseek-api')).toHaveProperty('spec.ingress', [
      {
        from: [
          { podSelector: {} },
          { ipBlock: { cidr: '10.0.0.0/8' } },
          {
            namespaceSelector: { matchLabels: { team: 'chat' } },
            podSelector: { matchLabels: { app: 'gateway' } },
          },
        ],
        ports: [{ port: 8000, protocol: 'TCP' }],
      },
    ]);
  });

  test('opens no traffic inside a group of one pod', () => {
    const names = renderManifests(single).map(({ metadata }) => metadata.name);
    expect(names).not.toContain('deepseek-main-in-group');
  });
});

describe('Service', () => {
  test('selects the pods that serve, in all groups, and follows their port by name', () => {
    for (const name of ['deepseek-api', 'deepseek-leaders']) {
      expect(render(aLayout(), 'Service', name)).toHaveProperty('spec.selector', {
        'app.kubernetes.io/instance': 'deepseek',
        'app.kubernetes.io/name': 'dsdeploy',
        'dsdeploy/serves': 'api',
      });
    }
    expect(
      at(find(renderManifests(aLayout()), 'Service', 'deepseek-api'), 'spec', 'ports', 0),
    ).toEqual({
      appProtocol: 'http',
      name: 'http',
      port: 8000,
      protocol: 'TCP',
      targetPort: 'http',
    });
  });

  test('is never called vllm, whatever the name of the deployment', () => {
    const layout = aLayout((spec) => ({ ...spec, name: 'vllm' }));
    const names = renderManifests(layout)
      .filter(({ kind }) => kind === 'Service')
      .map(({ metadata }) => metadata.name);
    expect(names).toEqual(['vllm-api', 'vllm-leaders']);
  });
});

describe('the Secret of the API key', () => {
  const secretOf = (keySecret: Layout['spec']['api']['keySecret']) =>
    renderManifests(aLayout((spec) => ({ ...spec, api: { ...spec.api, keySecret } }))).find(
      ({ kind }) => kind === 'Secret',
    );

  test('is rendered without the key when it is to be generated', () => {
    const secret = secretOf({ name: 'own', key: 'token', generate: true });
    expect(secret?.metadata).toMatchObject({
      name: 'own',
      annotations: { 'dsdeploy/generated-key': 'token' },
    });
    expect(secret).not.toHaveProperty('data');
    expect(secret).not.toHaveProperty('stringData');
  });

  test("is not rendered when it is somebody else's, or when there is none", () => {
    expect(secretOf({ name: 'own', key: 'token', generate: false })).toBeUndefined();
    expect(secretOf('none')).toBeUndefined();
  });
});
