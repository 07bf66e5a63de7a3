import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { type EnginePodProps, enginePodTemplate } from './engine-pod.ts';
import { groupSelector, metadataKeys } from './labels.ts';
import { LeaderWorkerSet } from './resources/leader-worker-set.ts';

export interface EngineGroupProps {
  readonly instance: string;
  /** Name of the group, unique in its deployment. */
  readonly group: string;
  /** Name of the LeaderWorkerSet and its siblings. */
  readonly objectName: string;
  /** Annotations of the LeaderWorkerSet; a change of theirs restarts nothing. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly replicas: number;
  /** Copies added while an update rolls out; 0 replaces one copy at a time. */
  readonly surge: number;
  readonly podsPerGroup: number;
  /** First pod of each copy, the only one when `podsPerGroup` is 1. */
  readonly leader: EnginePodProps;
  /**
   * Other pods of each copy.
   *
   * @default - none, for groups of one pod
   */
  readonly worker?: EnginePodProps;
  readonly exclusiveTopologyKey?: string;
  /**
   * Pods that must stay when somebody drains a node. A number and no percentage: the disruption
   * controller could not tell what a percentage of pods of several StatefulSets means.
   */
  readonly minAvailablePods: number;
  /** What `minAvailablePods` means for a drain, told in the budget's annotation. */
  readonly disruption: string;
}

/** All copies of one serving group: its LeaderWorkerSet, disruption budget and in-group traffic. */
export class EngineGroup extends Construct {
  constructor(scope: Construct, id: string, props: EngineGroupProps) {
    super(scope, id);
    const matchLabels = groupSelector(props.instance, props.group);
    const leader = enginePodTemplate(props.leader);
    new LeaderWorkerSet(this, 'lws', {
      metadata: {
        name: props.objectName,
        labels: { [metadataKeys.component]: props.group },
        annotations: { ...props.annotations },
      },
      replicas: props.replicas,
      surge: props.surge,
      size: props.podsPerGroup,
      ...(props.worker === undefined
        ? { workerTemplate: leader }
        : { leaderTemplate: leader, workerTemplate: enginePodTemplate(props.worker) }),
      ...(props.exclusiveTopologyKey === undefined
        ? {}
        : { exclusiveTopologyKey: props.exclusiveTopologyKey }),
    });
    new k8s.KubePodDisruptionBudget(this, 'budget', {
      metadata: {
        name: props.objectName,
        labels: { [metadataKeys.component]: props.group },
        annotations: { [metadataKeys.description]: props.disruption },
      },
      spec: {
        minAvailable: k8s.IntOrString.fromNumber(props.minAvailablePods),
        selector: { matchLabels },
      },
    });
    if (props.worker !== undefined) this.allowInGroup(props, matchLabels);
  }

  private allowInGroup(props: EngineGroupProps, matchLabels: Record<string, string>): void {
    const peers = [{ podSelector: { matchLabels } }];
    new k8s.KubeNetworkPolicy(this, 'in-group', {
      metadata: {
        name: `${props.objectName}-in-group`,
        labels: { [metadataKeys.component]: props.group },
        annotations: {
          [metadataKeys.description]:
            'Ranks talk to each other on ports they choose at start (Gloo, NCCL, ZeroMQ), so all ports are open inside the group',
        },
      },
      spec: {
        podSelector: { matchLabels },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: peers }],
        egress: [{ to: peers }],
      },
    });
  }
}
