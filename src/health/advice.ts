import type { PodReason } from './report.ts';

export interface AdviceTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
  readonly image?: string;
  readonly node?: string;
  /** What the cluster said, where the next step depends on it. */
  readonly message?: string;
}

type Advise = (target: AdviceTarget) => string;

const describePod: Advise = ({ namespace, pod }) => `kubectl describe pod ${pod} -n ${namespace}`;

const previousLogs: Advise = ({ namespace, pod, container }) =>
  `kubectl logs ${pod} -n ${namespace}${container === undefined ? '' : ` -c ${container}`} --previous --tail=100`;

/** What the scheduler may object to, the most telling first. */
const schedulingAdvice: readonly (readonly [RegExp, Advise])[] = [
  [
    /persistentvolumeclaim|volume/i,
    ({ namespace }) => `Create or bind the claim: \`kubectl get pvc -n ${namespace}\`.`,
  ],
  [
    /were unschedulable/,
    () =>
      'Let a cordoned node take pods again, or add nodes: `kubectl get nodes | grep SchedulingDisabled`, then `kubectl uncordon NODE`.',
  ],
  [
    /Insufficient|Too many pods/,
    () => "Free devices or add nodes: `kubectl describe nodes | grep -A12 'Allocated resources'`.",
  ],
  [
    /anti-affinity/,
    () => 'Add nodes, one per pod of a group: `kubectl get pods -A -o wide` shows who holds them.',
  ],
  [
    /affinity|selector/,
    () => 'Correct pools[].nodeSelector or label the nodes: `kubectl get nodes --show-labels`.',
  ],
  [/taint/, () => 'Add pools[].tolerations for the taint: `kubectl describe nodes | grep Taints`.'],
];

function adviseScheduling(target: AdviceTarget): string {
  const match = schedulingAdvice.find(([pattern]) => pattern.test(target.message ?? ''));
  return match?.[1](target) ?? `Read what the scheduler says: \`${describePod(target)}\`.`;
}

/** Next step per reason; a reason without one needs patience, not a command. */
const adviceByReason: Partial<Record<PodReason, Advise>> = {
  missing: ({ namespace, pod }) =>
    `See why nothing makes it: \`kubectl get events -n ${namespace} --sort-by=.lastTimestamp | grep ${pod.replace(/-\d+$/, '')}\`.`,
  'create-failed': ({ namespace }) =>
    `Lift what the message names, then wait: \`kubectl describe resourcequota,limitrange -n ${namespace}\`.`,
  unschedulable: adviseScheduling,
  'image-pull': ({ namespace, pod, image }) =>
    `Check that the nodes can pull ${image ?? 'the image'} and that groups[].imagePullSecrets is set: \`kubectl describe pod ${pod} -n ${namespace}\`.`,
  'container-config': (target) =>
    `Create the Secret, ConfigMap or device the message names: \`${describePod(target)}\`.`,
  'volume-mount': (target) =>
    `Check the weights volume and its claim: \`kubectl get pvc -n ${target.namespace}\` and \`${describePod(target)}\`.`,
  'pod-sandbox': (target) =>
    `Check the network plugin on node ${target.node ?? 'NODE'}: \`${describePod(target)}\`.`,
  'crash-loop': (target) => `Read why it ended: \`${previousLogs(target)}\`.`,
  exited: (target) => `Read why it ended: \`${previousLogs(target)}\`.`,
  'out-of-memory': (target) =>
    `Raise pools[].pod.memory or lower what the ranks load, run \`dsdeploy plan\`; last lines: \`${previousLogs(target)}\`.`,
  'not-ready': ({ namespace, pod }) =>
    `Read what the engine says: \`kubectl logs ${pod} -n ${namespace} --tail=100\`.`,
  evicted: (target) =>
    `Free the resource the message names on node ${target.node ?? 'NODE'}, or raise pools[].pod: \`${describePod(target)}\`.`,
  rejected: ({ node }) =>
    `Check the device plugin and free devices of the node: \`kubectl describe node ${node ?? 'NODE'}\`.`,
  'node-not-ready': ({ node }) =>
    `Bring the node back or drain it: \`kubectl describe node ${node ?? 'NODE'}\`.`,
  unreadable: ({ namespace }) => `Check \`kubectl auth can-i list pods -n ${namespace}\`.`,
};

/** Names the next command for a pod that cannot become ready by itself. */
export function advisePod(reason: PodReason, target: AdviceTarget): string | undefined {
  return adviceByReason[reason]?.(target);
}
