import { z } from 'zod';
import { field } from './fields.ts';

const targetSeconds = z.number().positive().max(3600);

const defaults = {
  metrics: true,
  podMonitor: false,
  alerts: false,
  dashboard: false,
  labels: {},
  ttftTargetSeconds: 5,
  itlTargetSeconds: 0.1,
};

/** Everything about metrics; what needs kinds of others is off until somebody asks for it. */
export const observabilitySchema = field(
  z.strictObject({
    metrics: field(z.boolean(), {
      description: 'Whether pods carry scrape annotations.',
    }).default(defaults.metrics),
    podMonitor: field(z.boolean(), {
      description:
        'Whether a PodMonitor scrapes every pod that serves; needs the Prometheus Operator, and is left out where its CRDs are missing. Its Prometheus must be in api.allowFrom.',
    }).default(defaults.podMonitor),
    alerts: field(z.boolean(), {
      description:
        'Whether a PrometheusRule with alerts is made; needs the Prometheus Operator and kube-state-metrics, and is left out where the CRDs are missing.',
    }).default(defaults.alerts),
    dashboard: field(z.boolean(), {
      description:
        'Whether a Grafana dashboard per engine is made, as a ConfigMap with the label grafana_dashboard.',
    }).default(defaults.dashboard),
    labels: field(z.record(z.string(), z.string()), {
      description: 'Labels of PodMonitor and PrometheusRule, by which a Prometheus chooses them.',
      examples: [{ release: 'kube-prometheus-stack' }],
    }).default(defaults.labels),
    ttftTargetSeconds: field(targetSeconds, {
      description: 'Seconds to the first token that 19 of 20 requests should keep; for the alert.',
    }).default(defaults.ttftTargetSeconds),
    itlTargetSeconds: field(targetSeconds, {
      description: 'Seconds between two tokens that 19 of 20 should keep; for the alert.',
    }).default(defaults.itlTargetSeconds),
  }),
  {
    description: 'Metrics, alerts and dashboards.',
    examples: [{ podMonitor: true, alerts: true }],
  },
).default(defaults);
