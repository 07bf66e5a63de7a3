import type { LiveObject } from '../../src/cluster/index.ts';
import {
  type Canary,
  type Check,
  type GroupFacts,
  requiredChecks,
} from '../../src/health/index.ts';
import { type Layout, type PlacedGroup, planLayout } from '../../src/layout/index.ts';
import type { Spec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

export const namespace = 'deepseek';

/** Time every fixture object was made. */
export const createdAt = '2026-03-01T10:00:00Z';
export const createdMs = Date.parse(createdAt);

/** Two nodes of 8 x H200 per replica, one rank per device. */
export function aLayout(
  options: { readonly replicas?: number; readonly api?: Partial<Spec['api']> } = {},
): Layout {
  const { replicas = 1, api } = options;
  const spec = aSpec({
    pools: [aPool({ nodes: 2 * Math.max(1, replicas) })],
    groups: [aGroup({ replicas: Math.max(1, replicas) })],
  });
  const layout = planLayout({ ...spec, api: { ...spec.api, keySecret: 'none', ...api } });
  // Planning wants at least one replica; zero is what somebody may have scaled to.
  const groups = layout.groups.map((group) => ({ ...group, spec: { ...group.spec, replicas } }));
  return { ...layout, groups: groups };
}

export function aPlacedGroup(layout: Layout = aLayout()): PlacedGroup {
  const [group] = layout.groups;
  if (group?.kind !== 'placed') throw new Error(`not placed: ${JSON.stringify(group)}`);
  return group;
}

export interface PodOptions {
  readonly group?: number;
  readonly worker?: number;
  readonly uid?: string;
  readonly revision?: string;
  readonly node?: string | undefined;
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly unknown[];
  readonly containers?: readonly unknown[];
  readonly initContainers?: readonly unknown[];
  readonly deletedAt?: string;
  readonly createdAt?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
}

const ready = [
  { type: 'PodScheduled', status: 'True' },
  { type: 'Ready', status: 'True' },
];

/** A pod as the LeaderWorkerSet controller and the kubelet leave it; ready unless told otherwise. */
export function aPod(options: PodOptions = {}): LiveObject {
  const { group = 0, worker = 0, node = `node-${group}-${worker}` } = options;
  const leader = `deepseek-main-${group}`;
  const name = worker === 0 ? leader : `${leader}-${worker}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: options.uid ?? `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: options.createdAt ?? createdAt,
      ...(options.deletedAt === undefined ? {} : { deletionTimestamp: options.deletedAt }),
      labels: {
        'leaderworkerset.sigs.k8s.io/name': 'deepseek-main',
        'leaderworkerset.sigs.k8s.io/group-index': String(group),
        'leaderworkerset.sigs.k8s.io/worker-index': String(worker),
        'leaderworkerset.sigs.k8s.io/template-revision-hash': options.revision ?? '6f9c',
        'app.kubernetes.io/name': 'dsdeploy',
        'app.kubernetes.io/instance': 'deepseek',
        'app.kubernetes.io/component': 'main',
        ...(worker === 0 ? { 'dsdeploy/serves': 'api' } : {}),
        ...options.labels,
      },
    },
    spec: {
      ...(node === '' ? {} : { nodeName: node }),
      ...(options.hostNetwork === true ? { hostNetwork: true } : {}),
      containers: [{ name: 'engine', image: 'vllm/vllm-openai:v0.33.0' }],
    },
    status: {
      phase: options.phase ?? 'Running',
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      ...(options.message === undefined ? {} : { message: options.message }),
      conditions: options.conditions ?? ready,
      containerStatuses: options.containers ?? [aContainer({ ready: true, started: true })],
      ...(options.initContainers === undefined
        ? {}
        : { initContainerStatuses: options.initContainers }),
    },
  };
}

/** A pod whose engine runs and has not passed its startup probe. */
export function aLoadingPod(options: PodOptions = {}): LiveObject {
  return aPod({ conditions: notReady, containers: [aContainer({ started: false })], ...options });
}

export const notReady = [
  { type: 'PodScheduled', status: 'True' },
  { type: 'Ready', status: 'False', reason: 'ContainersNotReady' },
];

/** Status of the engine container; runs and is not ready unless told otherwise. */
export function aContainer(overrides: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    name: 'engine',
    image: 'vllm/vllm-openai:v0.33.0',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { running: { startedAt: createdAt } },
    lastState: {},
    ...overrides,
  };
}

export function waiting(reason: string, message = ''): unknown {
  return { waiting: { reason, message } };
}

export function terminated(exitCode: number, reason: string, finishedAt = createdAt): unknown {
  return { terminated: { exitCode, reason, startedAt: createdAt, finishedAt } };
}

export interface LwsOptions {
  readonly partition?: number;
  readonly replicas?: number;
  readonly size?: number;
  readonly generation?: number;
  readonly observedGeneration?: number | undefined;
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
  readonly conditions?: readonly unknown[];
  readonly deletedAt?: string;
}

/** A LeaderWorkerSet as controller v0.9 leaves it; available unless told otherwise. */
export function anLws(options: LwsOptions = {}): LiveObject {
  const { replicas = 1, size = 2, generation = 3 } = options;
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: {
      name: 'deepseek-main',
      namespace,
      uid: 'uid-lws',
      resourceVersion: '7',
      generation,
      creationTimestamp: createdAt,
      ...(options.deletedAt === undefined ? {} : { deletionTimestamp: options.deletedAt }),
      managedFields: [
        { manager: 'dsdeploy', operation: 'Apply', time: createdAt },
        { manager: 'manager', operation: 'Update', subresource: 'status', time: createdAt },
      ],
    },
    spec: {
      replicas,
      leaderWorkerTemplate: { size },
      rolloutStrategy: { rollingUpdateConfiguration: { partition: options.partition ?? 0 } },
    },
    status: {
      conditions: options.conditions ?? [
        { type: 'Available', status: 'True', reason: 'AllGroupsReady' },
        { type: 'Progressing', status: 'False', reason: 'GroupsProgressing' },
      ],
      observedGeneration: 'observedGeneration' in options ? options.observedGeneration : generation,
      replicas,
      readyReplicas: options.readyReplicas ?? replicas,
      updatedReplicas: options.updatedReplicas ?? replicas,
    },
  };
}

/** A warning about a pod, as the kubelet or the scheduler records it. */
export function anEvent(
  about: LiveObject,
  options: {
    readonly reason: string;
    readonly message: string;
    readonly count?: number;
    readonly type?: string;
    readonly at?: string;
    readonly related?: { readonly name: string; readonly uid?: string };
  },
): LiveObject {
  const { kind, apiVersion, metadata } = about;
  const { reason, message, count = 1, type = 'Warning', at = createdAt, related } = options;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${metadata.name}.${reason}.${at}`,
      namespace,
      uid: `uid-${reason}-${at}`,
      resourceVersion: '1',
      creationTimestamp: at,
    },
    type,
    reason,
    message,
    count,
    lastTimestamp: at,
    involvedObject: { kind, apiVersion, namespace, name: metadata.name, uid: metadata.uid },
    ...(related === undefined ? {} : { related: { kind: 'Pod', namespace, ...related } }),
  };
}

/** Facts of a group where everything is proven; a test states only what differs. */
export function someFacts(overrides: Partial<GroupFacts> = {}): GroupFacts {
  return {
    leaderWorkerSet: { kind: 'read', value: anLws() },
    pods: { kind: 'read', value: [aPod(), aPod({ worker: 1 })] },
    events: [],
    nodeReady: new Map(),
    networkPolicies: { kind: 'read', value: [] },
    recreations: new Map(),
    readAtMs: createdMs + 3_600_000,
    service: passedService,
    probes: new Map([['deepseek-main-0', passedProbes('deepseek-main-0')]]),
    ...overrides,
  };
}

/** A passed check of one pod for everything a canary requires. */
export function passedProbes(pod: string, canary: Canary = 'quick'): readonly Check[] {
  const subject = `Pod/${namespace}/${pod}`;
  return requiredChecks(canary).map(({ id, level }) => ({
    id,
    level,
    subject,
    outcome: 'passed',
    detail: '',
  }));
}

/** What a Service that holds the right pods gets. */
export const passedService: readonly Check[] = [
  { id: 'service-endpoints', outcome: 'passed' } as const,
  { id: 'service-request', outcome: 'passed' } as const,
  { id: 'service-network', outcome: 'skipped' } as const,
].map((check) => ({
  ...check,
  level: 'service',
  subject: `Service/${namespace}/deepseek-api`,
  detail: '',
}));

/** The Service of the deployment. */
export function aService(): LiveObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'deepseek-api', namespace, uid: 'uid-service', resourceVersion: '1' },
    spec: { ports: [{ name: 'http', port: 8000, targetPort: 'http' }] },
  };
}

/** The endpoints of the Service; ready at the port of the API unless told otherwise. */
export function aSlice(
  pods: readonly (string | { readonly pod: string; readonly ready: boolean })[],
  { port = 8000 }: { readonly port?: number } = {},
): LiveObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'deepseek-api-x7k2p',
      namespace,
      uid: 'uid-slice',
      resourceVersion: '1',
      labels: { 'kubernetes.io/service-name': 'deepseek-api' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints: pods.map((entry, index) => {
      const { pod, ready } = typeof entry === 'string' ? { pod: entry, ready: true } : entry;
      return {
        addresses: [`10.0.0.${index + 1}`],
        conditions: { ready },
        targetRef: { kind: 'Pod', namespace, name: pod },
      };
    }),
  };
}
