import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { metadataKeys } from './labels.ts';

/** Level of the Pod Security Standards. */
export type PodSecurityLevel = 'restricted' | 'baseline' | 'privileged';

export interface NamespaceChartProps {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Level the API server enforces on new pods; `audit` and `warn` are always `restricted`. */
  readonly enforce: PodSecurityLevel;
  /** Why the pods cannot be `restricted`; empty when they are. */
  readonly exceptions: readonly string[];
}

/**
 * Version of the Pod Security rules: a cluster upgrade must not change what is admitted. An older
 * API server uses its own newest rules instead.
 */
const rulesVersion = 'v1.36';

/** The namespace, with version-pinned Pod Security labels. Its own chart, since it is cluster-scoped. */
export class NamespaceChart extends Chart {
  constructor(scope: Construct, id: string, props: NamespaceChartProps) {
    super(scope, id, { disableResourceNameHashes: true, labels: { ...props.labels } });
    new k8s.KubeNamespace(this, 'namespace', {
      metadata: {
        name: props.name,
        labels: podSecurityLabels(props.enforce),
        ...(props.exceptions.length === 0
          ? {}
          : { annotations: { [metadataKeys.securityExceptions]: props.exceptions.join('; ') } }),
      },
    });
  }
}

function podSecurityLabels(enforce: PodSecurityLevel): Record<string, string> {
  const prefix = 'pod-security.kubernetes.io';
  return {
    [`${prefix}/enforce`]: enforce,
    [`${prefix}/enforce-version`]: rulesVersion,
    [`${prefix}/audit`]: 'restricted',
    [`${prefix}/audit-version`]: rulesVersion,
    [`${prefix}/warn`]: 'restricted',
    [`${prefix}/warn-version`]: rulesVersion,
  };
}
