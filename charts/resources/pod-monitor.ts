import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';

export interface PodMonitorProps {
  readonly metadata: ApiObjectMetadata & { readonly name: string };
  readonly matchLabels: Readonly<Record<string, string>>;
  /** Names of the container ports. */
  readonly ports: readonly string[];
}

/**
 * A PodMonitor of `monitoring.coreos.com/v1`: Prometheus scrapes every pod by itself, because a
 * Service would show it one rank after the other.
 */
export class PodMonitor extends ApiObject {
  constructor(scope: Construct, id: string, { metadata, matchLabels, ports }: PodMonitorProps) {
    super(scope, id, {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata,
      spec: {
        selector: { matchLabels },
        podMetricsEndpoints: ports.map((port) => ({
          port,
          path: '/metrics',
          interval: '15s',
          scrapeTimeout: '10s',
        })),
      },
    });
  }
}
