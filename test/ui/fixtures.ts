import type { RankMemory } from '../../src/capacity/index.ts';
import type { HealthReport } from '../../src/health/index.ts';
import type { Layout, PlacedGroup, RefusedGroup } from '../../src/layout/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';
import type { Change, ClusterTarget, Plan } from '../../src/plan/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

const GiB = 2 ** 30;

export const aMemory: RankMemory = {
  deviceBytes: 140 * GiB,
  utilization: 0.9,
  budgetBytes: 126 * GiB,
  weights: [
    { name: 'routed experts', bytes: 38 * GiB, label: 'exact', source: 'config.json' },
    { name: 'attention and sparse indexer', bytes: 12.5 * GiB, label: 'exact', source: 'config' },
  ],
  weightsBytesPerRank: 50.5 * GiB,
  overheads: [
    { name: 'activations, graphs, communication', bytes: 7 * GiB, label: 'assumed', source: 'log' },
  ],
  overheadBytesPerRank: 7 * GiB,
  peaks: [{ name: 'CUDA graphs', bytes: 3 * GiB, label: 'measured', source: 'log' }],
  peakBytesPerRank: 3 * GiB,
  kvBytesPerToken: 70_272,
  kvStoredBytesPerToken: 70_272,
  kvPools: 16,
  kvBytesPerRank: 68.5 * GiB,
  kvTokensPerRank: 1_046_656,
  kvTokensPerGroup: 16_746_496,
  contextTokens: 131_072,
  fullContextSequencesPerGroup: 112,
  fits: true,
};

export const aPlacedGroup: PlacedGroup = {
  kind: 'placed',
  name: 'main',
  objectName: 'deepseek-main',
  spec: aGroup(),
  pool: aPool(),
  image: 'registry.example/vllm:v0.33.0',
  modelPath: '/model',
  access: { user: { user: 2000, group: 2000 }, capabilities: [], hostPaths: [] },
  parallelism: { tensor: 1, data: 16, pipeline: 1, expert: true },
  chosenBy: 'auto',
  podsPerGroup: 2,
  devicesPerPod: 8,
  pods: [0, 1].map((index) => ({
    index,
    role: index === 0 ? ('leader' as const) : ('worker' as const),
    ranks: Array.from({ length: 8 }, (_, device) => ({
      rank: index * 8 + device,
      dataRank: index * 8 + device,
      tensorRank: 0,
      pipelineRank: 0,
      device,
    })),
  })),
  memory: aMemory,
  startup: {
    readBytesPerNode: 689.5e9,
    readBytesPerSecond: 2e9,
    loadSeconds: 345,
    warmUpSeconds: 600,
    safetyFactor: 2,
    minimumSeconds: 2700,
    budgetSeconds: 2700,
    source: 'published logs',
  },
  workloads: [],
  notes: [
    {
      code: 'IMAGE_BY_TAG',
      level: 'warning',
      message: 'the image is named by tag, which can move',
    },
    { code: 'ALL2ALL_DEFAULT', level: 'info', message: 'the default backend runs on any fabric' },
  ],
};

export const aRefusedGroup: RefusedGroup = {
  kind: 'refused',
  name: 'main',
  spec: aGroup({ nodes: 1 }),
  reasons: [
    {
      code: 'WEIGHTS_DO_NOT_FIT',
      message: 'one rank needs 24.10 GiB more than the 126.00 GiB budget',
      hint: 'Set groups[0].nodes to 2.',
      source: 'capacity arithmetic',
    },
  ],
  memory: {
    ...aMemory,
    kvBytesPerRank: -24.1 * GiB,
    kvTokensPerRank: 0,
    fits: false,
    binding: { term: 'weights', missingBytes: 24.1 * GiB },
  },
};

export const aLayout: Layout = { spec: aSpec(), fits: true, groups: [aPlacedGroup] };

export const aRefusedLayout: Layout = { spec: aSpec(), fits: false, groups: [aRefusedGroup] };

export const aTarget: ClusterTarget = {
  context: 'rack-7',
  server: 'https://10.0.0.1:6443',
  user: 'ann',
  serverVersion: 'v1.36.3',
};

function manifest(kind: string, name: string): Manifest {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'deepseek' } };
}

function subject(kind: string, name: string) {
  const ref = { apiVersion: 'v1', kind, namespace: 'deepseek', name };
  return { ref, desired: manifest(kind, name) };
}

const binding = { uid: 'u-1', resourceVersion: '7', digest: 'd' } as const;

const changes: readonly Change[] = [
  { action: 'keep', ...subject('ServiceAccount', 'deepseek'), certainty: 'server', ...binding },
  { action: 'create', ...subject('NetworkPolicy', 'deepseek-dns'), certainty: 'schema' },
  { action: 'create', ...subject('PodMonitor', 'deepseek'), certainty: 'simulated' },
  {
    action: 'update',
    ...subject('ConfigMap', 'deepseek-start'),
    certainty: 'server',
    ...binding,
    fields: [
      {
        path: 'data["start.sh"]',
        before: 'set -e\nulimit -l\nexec vllm\n',
        after: 'set -e\nexec vllm\n',
      },
      { path: 'metadata.labels.release', after: '0.33.0' },
    ],
  },
  {
    action: 'update',
    ...subject('LeaderWorkerSet', 'deepseek-main'),
    certainty: 'server',
    ...binding,
    fields: [
      {
        path: 'spec.leaderWorkerTemplate.workerTemplate.spec.containers[name=engine].image',
        before: 'registry.example/vllm:v0.32.0',
        after: 'registry.example/vllm:v0.33.0',
      },
      {
        path: 'spec.leaderWorkerTemplate.workerTemplate.spec.containers[name=engine].args[20]',
        before: '131072',
        after: '65536',
        flag: '--max-model-len',
      },
    ],
    disruption: {
      effect: 'restarts-groups',
      mode: 'recreate',
      message: 'Restarts group 0 (2 pods), 1 group at a time. No group serves meanwhile.',
      groups: [0],
      pods: 2,
      durationSeconds: 945,
      drainSeconds: 130,
      losesPrefixCache: true,
      coexists: false,
      differences: ['image'],
    },
  },
  {
    action: 'delete',
    ref: subject('Service', 'deepseek-old').ref,
    ...binding,
    reason: 'it is not in the manifests any more',
  },
];

export const aPlan: Plan = {
  apiVersion: 'dsdeploy/v1',
  kind: 'Plan',
  deployment: { name: 'deepseek', namespace: 'deepseek' },
  target: aTarget,
  changes,
  retained: [
    {
      ref: subject('PersistentVolumeClaim', 'deepseek-cache').ref,
      reason: 'it holds data; delete it with `destroy --include-volumes`',
    },
  ],
  warnings: ['spec.ports[0] is deprecated'],
};

export const aHealthReport: HealthReport = {
  apiVersion: 'dsdeploy/v1',
  kind: 'HealthReport',
  deployment: { name: 'deepseek', namespace: 'deepseek' },
  verdict: 'unhealthy',
  checks: { done: 2, failed: 1, pending: 1, unknown: 0, skipped: 0, notDone: [] },
  groups: [
    {
      group: 'main',
      ref: subject('LeaderWorkerSet', 'deepseek-main').ref,
      verdict: 'unhealthy',
      readyReplicas: 0,
      replicas: 1,
      pods: [
        {
          name: 'deepseek-main-0',
          groupIndex: 0,
          workerIndex: 0,
          node: 'h200-0',
          ranks: '0-7',
          verdict: 'progressing',
          reason: 'loading',
          detail: 'engine is loading, not ready for 12m',
          restarts: 0,
        },
        {
          name: 'deepseek-main-0-1',
          groupIndex: 0,
          workerIndex: 1,
          node: 'h200-1',
          ranks: '8-15',
          verdict: 'unhealthy',
          reason: 'crash-loop',
          detail: 'engine exited with code 1',
          restarts: 4,
        },
      ],
      checks: [
        {
          id: 'pods-present',
          level: 'objects',
          subject: 'LeaderWorkerSet/deepseek/deepseek-main',
          outcome: 'passed',
          detail: '2 pods exist',
        },
        {
          id: 'http-health',
          level: 'engine',
          subject: 'Pod/deepseek/deepseek-main-0',
          outcome: 'failed',
          detail: 'GET /health answered 503',
          advice: 'Read its log: kubectl logs -n deepseek deepseek-main-0',
          durationMs: 26.4,
        },
        {
          id: 'chat',
          level: 'answer',
          subject: 'Pod/deepseek/deepseek-main-0',
          outcome: 'unknown',
          detail: 'the API key cannot be read',
        },
      ],
    },
  ],
  cause: {
    code: 'crash-loop',
    group: 'main',
    subject: 'Pod/deepseek/deepseek-main-0-1',
    ranks: '8-15',
    node: 'h200-1',
    message: 'engine exited with code 1, 4 times',
    advice: 'Check the RDMA devices of node h200-1.',
    events: ['BackOff: back-off restarting failed container'],
    logLines: ['NCCL WARN Call to ibv_create_qp failed', 'RuntimeError: NCCL error'],
  },
  wait: { ended: 'failed', elapsedSeconds: 750, timeoutSeconds: 5400 },
};
