import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { servingSelector } from './labels.ts';
import { PodMonitor } from './resources/pod-monitor.ts';
import { type AlertRule, PrometheusRule } from './resources/prometheus-rule.ts';

export interface ObservabilityProps {
  readonly instance: string;
  /** Labels of PodMonitor and PrometheusRule. */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Names of the container ports with metrics.
   *
   * @default - nothing scrapes
   */
  readonly scrapedPorts?: readonly string[];
  /**
   * Alerts by group of rules.
   *
   * @default - no alerts
   */
  readonly alerts?: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
  readonly dashboards: readonly DashboardProps[];
}

export interface DashboardProps {
  /** Name of the ConfigMap. */
  readonly name: string;
  /** JSON of the dashboard. */
  readonly json: string;
}

/** The label by which the sidecar of Grafana finds dashboards. */
const dashboardLabel = { grafana_dashboard: '1' };

/** What watches a deployment: scraping, alerts and dashboards; each only when asked for. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const metadata = { name: props.instance, labels: { ...props.labels } };
    if (props.scrapedPorts !== undefined) {
      new PodMonitor(this, 'pod-monitor', {
        metadata,
        matchLabels: servingSelector(props.instance),
        ports: props.scrapedPorts,
      });
    }
    if (props.alerts !== undefined) {
      new PrometheusRule(this, 'alerts', { metadata, groups: props.alerts });
    }
    for (const { name, json } of props.dashboards) {
      new k8s.KubeConfigMap(this, name, {
        metadata: { name, labels: dashboardLabel },
        data: { [`${name}.json`]: json },
      });
    }
  }
}
