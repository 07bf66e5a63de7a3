import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';

export interface AlertRule {
  readonly alert: string;
  /** PromQL. */
  readonly expr: string;
  /** Prometheus duration, for example `10m`. */
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PrometheusRuleProps {
  readonly metadata: ApiObjectMetadata & { readonly name: string };
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

/** A PrometheusRule of `monitoring.coreos.com/v1`. */
export class PrometheusRule extends ApiObject {
  constructor(scope: Construct, id: string, { metadata, groups }: PrometheusRuleProps) {
    super(scope, id, {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata,
      spec: { groups },
    });
  }
}
