import {
  type EngineGroupProps,
  type EnginePodProps,
  groupSelector,
  instanceLabels,
  instanceSelector,
  metadataKeys,
  servesApi,
} from '../../charts/index.ts';
import type { RoleWorkload } from '../engines/index.ts';
import {
  type PlacedGroup,
  type PodSecurity,
  podSecurityOf,
  rdmaOf,
  usesHostNetwork,
} from '../layout/index.ts';
import type { Spec } from '../spec/index.ts';
import { disruptionLimit } from './disruption.ts';
import { formatLayout } from './layout-label.ts';
import { startScriptName } from './start-scripts.ts';
import { weightsVolume } from './weights-volume.ts';

/** The start scripts of a deployment as its pods refer to them. */
export interface StartScriptRef {
  readonly configMap: string;
  /** SHA-256 of each file's text, in hex, by file name. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Turns one placed group into what its chart needs; all arithmetic of the chart is done here. */
export function groupProps(
  spec: Spec,
  group: PlacedGroup,
  scripts: StartScriptRef,
): Omit<EngineGroupProps, 'instance'> {
  const security = podSecurityOf(group, spec.model.weights.source);
  const limit = disruptionLimit(group);
  const [leader, worker] = group.workloads.map((workload) =>
    podProps({ spec, group, scripts, security, workload }),
  );
  if (leader === undefined) throw new Error(`group ${group.name} has no workload`);
  const { topologyKey } = group.pool;
  return {
    group: group.name,
    objectName: group.objectName,
    annotations: groupAnnotations(group, security),
    replicas: group.spec.replicas,
    surge: group.spec.surge,
    podsPerGroup: group.podsPerGroup,
    leader,
    ...(worker === undefined ? {} : { worker }),
    ...(topologyKey === undefined || group.podsPerGroup === 1
      ? {}
      : { exclusiveTopologyKey: topologyKey }),
    minAvailablePods: limit.minAvailablePods,
    disruption: limit.description,
  };
}

interface PodInput {
  readonly spec: Spec;
  readonly group: PlacedGroup;
  readonly scripts: StartScriptRef;
  readonly security: PodSecurity;
  readonly workload: RoleWorkload;
}

function podProps({ spec, group, scripts, security, workload }: PodInput): EnginePodProps {
  const { pool } = group;
  return {
    labels: {
      ...instanceLabels(spec.name),
      ...groupSelector(spec.name, group.name),
      [metadataKeys.role]: workload.role === 'worker' ? 'worker' : 'leader',
      ...(workload.apiPorts.length === 0 ? {} : servesApi),
    },
    annotations: {
      [metadataKeys.startScript]: scripts.digests[startScriptName] ?? '',
      ...networkAnnotations(group),
      ...scrapeAnnotations(spec, workload),
    },
    image: group.image,
    imagePullSecrets: group.spec.imagePullSecrets,
    serviceAccount: spec.name,
    startScript: startScriptName,
    workload,
    resources: podResources(group),
    volumes: {
      weights: weightsVolume(spec.model.weights.source, group.modelPath),
      sharedMemory: pool.pod.sharedMemory,
      startScripts: scripts.configMap,
      hostPaths: group.access.hostPaths,
    },
    user: security.user,
    capabilities: security.capabilities,
    hostNetwork: usesHostNetwork(group),
    nodeSelector: pool.nodeSelector,
    tolerations: pool.tolerations,
    aloneAmong: instanceSelector(spec.name),
  };
}

function podResources(group: PlacedGroup): Record<string, string> {
  const { pool } = group;
  const rdma = rdmaOf(group);
  return {
    cpu: pool.pod.cpu,
    memory: pool.pod.memory,
    'ephemeral-storage': pool.pod.ephemeralStorage,
    [pool.deviceResource]: String(group.devicesPerPod),
    ...(rdma === undefined ? {} : { [rdma.resource]: String(rdma.count) }),
  };
}

function scrapeAnnotations(spec: Spec, workload: RoleWorkload): Record<string, string> {
  const api = workload.ports.find(({ name }) => name === workload.apiPorts[0]);
  if (!spec.observability.metrics || api === undefined) return {};
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(api.port),
    'prometheus.io/path': '/metrics',
  };
}

function networkAnnotations({ pool, podsPerGroup }: PlacedGroup): Record<string, string> {
  const { networks = [] } = pool.fabric;
  if (podsPerGroup === 1 || networks.length === 0) return {};
  return { 'k8s.v1.cni.cncf.io/networks': networks.join(',') };
}

/**
 * Told on the LeaderWorkerSet and not on its pods: a pod template that differs by one word of
 * explanation would restart all groups.
 */
function groupAnnotations(group: PlacedGroup, security: PodSecurity): Record<string, string> {
  const unverified = group.notes.filter(({ unverified: marked }) => marked === true);
  return {
    [metadataKeys.layout]: formatLayout(group),
    ...(unverified.length === 0
      ? {}
      : { [metadataKeys.unverified]: unverified.map(({ message }) => message).join('; ') }),
    ...(security.exceptions.length === 0
      ? {}
      : { [metadataKeys.securityExceptions]: security.exceptions.join('; ') }),
  };
}
