import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import type { PodTemplate } from './pod-template.ts';

export interface LeaderWorkerSetProps {
  readonly metadata: ApiObjectMetadata & { readonly name: string };
  /** Groups, each a full copy of the model. */
  readonly replicas: number;
  /**
   * Groups a roll-out adds before it takes any away. With 0 it takes one away at a time, which needs
   * no spare node: a surge group that cannot be scheduled would stop the roll-out.
   */
  readonly surge: number;
  /** Pods of one group, the leader included. */
  readonly size: number;
  /**
   * Template of the first pod of a group.
   *
   * @default - the worker template
   */
  readonly leaderTemplate?: PodTemplate;
  readonly workerTemplate: PodTemplate;
  /**
   * Node label of a topology domain, for example a rack. A group stays inside one domain, and a
   * domain takes one group.
   *
   * @default - pods go to any node
   */
  readonly exclusiveTopologyKey?: string;
}

/**
 * A LeaderWorkerSet of `leaderworkerset.x-k8s.io/v1` with the policies multi-node serving needs.
 *
 * `LeaderCreated`, because an engine's leader becomes ready only after its workers joined, so
 * waiting for it would deadlock. `RecreateGroupOnPodRestart`, because workers without HTTP outlive
 * their leader and would hold its ranks forever.
 */
export class LeaderWorkerSet extends ApiObject {
  constructor(scope: Construct, id: string, props: LeaderWorkerSetProps) {
    const { metadata, exclusiveTopologyKey } = props;
    super(scope, id, {
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      metadata: {
        ...metadata,
        annotations: {
          ...metadata.annotations,
          ...(exclusiveTopologyKey === undefined
            ? {}
            : { 'leaderworkerset.sigs.k8s.io/exclusive-topology': exclusiveTopologyKey }),
        },
      },
      spec: {
        replicas: props.replicas,
        startupPolicy: 'LeaderCreated',
        networkConfig: { subdomainPolicy: 'Shared' },
        rolloutStrategy: {
          type: 'RollingUpdate',
          rollingUpdateConfiguration: {
            maxUnavailable: props.surge > 0 ? 0 : 1,
            maxSurge: props.surge,
          },
        },
        leaderWorkerTemplate: {
          size: props.size,
          restartPolicy: 'RecreateGroupOnPodRestart',
          leaderTemplate: props.leaderTemplate,
          workerTemplate: props.workerTemplate,
        },
      },
    });
  }
}
