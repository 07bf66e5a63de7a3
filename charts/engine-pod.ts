import type { EnvVar, HttpProbe, RoleWorkload } from '../src/engines/index.ts';
import type { Toleration } from '../src/spec/index.ts';
import {
  type EngineVolumesProps,
  engineVolumeMounts,
  engineVolumes,
  startScriptsPath,
} from './engine-volumes.ts';
import type {
  Container,
  EnvEntry,
  PodAffinity,
  PodSecurityContext,
  PodTemplate,
  Probe,
} from './resources/pod-template.ts';

/** Name of the engine's container in every pod. */
const engineContainer = 'engine';

export interface EnginePodProps {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly image: string;
  readonly imagePullSecrets: readonly string[];
  readonly serviceAccount: string;
  /** File name of the start script in the ConfigMap of `volumes`. */
  readonly startScript: string;
  readonly workload: RoleWorkload;
  /** Requests, and limits of the same size: devices, RDMA, CPU, memory, ephemeral storage. */
  readonly resources: Readonly<Record<string, string>>;
  readonly volumes: EngineVolumesProps;
  readonly user: PodUser;
  /** Linux capabilities beyond none. */
  readonly capabilities: readonly string[];
  readonly hostNetwork: boolean;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /**
   * Labels of pods that must not share a node with this one.
   *
   * @default - any pod may
   */
  readonly aloneAmong?: Readonly<Record<string, string>>;
}

export interface PodUser {
  readonly user: number;
  readonly group: number;
}

/** Pod template of one role of a group. */
export function enginePodTemplate(props: EnginePodProps): PodTemplate {
  const { aloneAmong, imagePullSecrets, nodeSelector, tolerations } = props;
  return {
    metadata: { labels: props.labels, annotations: props.annotations },
    spec: {
      serviceAccountName: props.serviceAccount,
      automountServiceAccountToken: false,
      // Service links would set variables such as VLLM_PORT, which engines read as their own.
      enableServiceLinks: false,
      ...(props.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
      ...(imagePullSecrets.length === 0
        ? {}
        : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
      ...(tolerations.length === 0 ? {} : { tolerations }),
      ...(aloneAmong === undefined ? {} : { affinity: oneOnEachNode(aloneAmong) }),
      securityContext: podSecurityContext(props.user),
      terminationGracePeriodSeconds: props.workload.shutdown.graceSeconds,
      containers: [engine(props)],
      volumes: engineVolumes(props.volumes),
    },
  };
}

function engine(props: EnginePodProps): Container {
  const { workload, resources, capabilities } = props;
  const { preStopSeconds } = workload.shutdown;
  return {
    name: engineContainer,
    image: props.image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/bash', `${startScriptsPath}/${props.startScript}`],
    args: [...workload.command, ...workload.args],
    env: workload.env.map(toEnvEntry),
    ...(workload.ports.length === 0
      ? {}
      : {
          ports: workload.ports.map(({ name, port }) => ({
            name,
            containerPort: port,
            protocol: 'TCP' as const,
          })),
        }),
    ...probes(workload),
    ...(preStopSeconds === 0
      ? {}
      : { lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } } }),
    resources: { limits: resources, requests: resources },
    securityContext: {
      allowPrivilegeEscalation: false,
      // Takes nothing from a plain user, who may write to no folder of the image. As root, engines
      // compile kernels into folders of their Python packages.
      readOnlyRootFilesystem: props.user.user !== 0,
      capabilities: {
        drop: ['ALL'],
        ...(capabilities.length === 0 ? {} : { add: capabilities }),
      },
    },
    // Engines print why they end; this keeps the last lines in the pod's status after the restart.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: engineVolumeMounts(props.volumes),
  };
}

function podSecurityContext({ user, group }: PodUser): PodSecurityContext {
  const seccompProfile = { type: 'RuntimeDefault' as const };
  return user === 0
    ? { runAsUser: user, runAsGroup: group, seccompProfile }
    : {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: group,
        fsGroup: group,
        // Without it, a volume of 690 GB would be walked at every start.
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile,
      };
}

function oneOnEachNode(matchLabels: Readonly<Record<string, string>>): PodAffinity {
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  };
}

function toEnvEntry(variable: EnvVar): EnvEntry {
  const { name } = variable;
  if ('value' in variable) return { name, value: variable.value };
  return 'secret' in variable
    ? { name, valueFrom: { secretKeyRef: variable.secret } }
    : { name, valueFrom: { fieldRef: { fieldPath: variable.fieldPath } } };
}

function probes({ probes: roleProbes }: RoleWorkload): Partial<Container> {
  if (roleProbes === undefined) return {};
  return {
    startupProbe: toProbe(roleProbes.startup),
    readinessProbe: toProbe(roleProbes.readiness),
    livenessProbe: toProbe(roleProbes.liveness),
  };
}

function toProbe(probe: HttpProbe): Probe {
  const { path, port, periodSeconds, timeoutSeconds, failureThreshold } = probe;
  return { httpGet: { path, port }, periodSeconds, timeoutSeconds, failureThreshold };
}
