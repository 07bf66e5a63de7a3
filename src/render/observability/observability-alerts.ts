import type { AlertRule } from '../../../charts/index.ts';
import { engines } from '../../engines/index.ts';
import type { PlacedGroup } from '../../layout/index.ts';
import type { Spec } from '../../spec/index.ts';
import { type MetricQuery, metricQuery, podSelector, wantedCopies } from './metric-query.ts';

/** Waiting requests per copy of the model from which on a queue that grows is worth a word. */
const queueLimit = 32;

/** Share of the KV cache above which requests wait or are preempted. */
const kvLimit = 0.95;

/** Restarts or new lives of a pod per hour that are no accident any more. */
const restartLimit = 2;

/** Preemptions per second above which the cache is too small for the load. */
const preemptionLimit = 0.1;

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly description: string;
}

/** Alerts of one serving group. */
export function alertRules(spec: Spec, group: PlacedGroup): readonly AlertRule[] {
  const alerts = [
    ...availabilityAlerts(spec, group),
    ...loadAlerts(spec, group),
    ...latencyAlerts(spec, group),
    ...restartAlerts(spec, group),
  ];
  return alerts.map(({ severity, summary, description, ...rule }) => ({
    ...rule,
    labels: { severity, deployment: spec.name, group: group.name },
    annotations: {
      summary: `${spec.name}/${group.name}: ${summary}`,
      description: `${description} Run: dsdeploy health`,
    },
  }));
}

function queryOf(spec: Spec, group: PlacedGroup): MetricQuery {
  return metricQuery(engines[group.spec.engine].metrics, podSelector(spec.namespace, group));
}

function availabilityAlerts(spec: Spec, group: PlacedGroup): readonly Alert[] {
  const query = queryOf(spec, group);
  const wanted = wantedCopies(spec.namespace, group, startWindow(group));
  const { running, promptTokens, generationTokens } = query.names;
  const ready = `kube_pod_status_ready{${podSelector(spec.namespace, group)},condition="true"}`;
  return [
    {
      alert: 'DsdeployLeaderAbsent',
      expr: `(count(up{${podSelector(spec.namespace, group, 'leaders')}} == 1) or vector(0)) < ${wanted}`,
      for: '5m',
      severity: 'critical',
      summary: 'a leader does not answer',
      description: 'For 5 minutes fewer leaders could be scraped than there are copies.',
    },
    {
      alert: 'DsdeployGroupNotReady',
      expr: `(sum(${ready}) or vector(0)) < ${wanted} * ${String(group.podsPerGroup)}`,
      // A restart may take all of its budget before anything is wrong.
      for: `${String(startMinutes(group))}m`,
      severity: 'critical',
      summary: 'pods are missing or not ready',
      description: 'For longer than a start may take fewer pods were ready than the copies have.',
    },
    {
      alert: 'DsdeployNoTokens',
      expr: `${query.sum(running)} > 0 and ${query.rate(generationTokens, '10m')} == 0 and ${query.rate(promptTokens, '10m')} == 0`,
      for: '5m',
      severity: 'critical',
      summary: 'requests run but no token comes',
      description: 'The engine holds requests and produced nothing for 10 minutes: a rank hangs.',
    },
  ];
}

function startMinutes({ startup }: PlacedGroup): number {
  return Math.ceil(startup.budgetSeconds / 60);
}

/** What a copy may take to start; a roll-out with a surge has one more until the last is replaced. */
function startWindow(group: PlacedGroup): string {
  const { replicas, surge } = group.spec;
  return `${String(startMinutes(group) * (surge === 0 ? 1 : replicas + 1))}m`;
}

function loadAlerts(spec: Spec, group: PlacedGroup): readonly Alert[] {
  const query = queryOf(spec, group);
  const { waiting, kvUsage, preemptions } = query.names;
  const wanted = wantedCopies(spec.namespace, group);
  return [
    {
      alert: 'DsdeployQueueGrowing',
      expr: `${query.sum(waiting)} > ${String(queueLimit)} * ${wanted} and sum(deriv(${query.of(waiting)}[15m])) > 0`,
      for: '10m',
      severity: 'warning',
      summary: 'the queue grows',
      description: `More than ${String(queueLimit)} requests per copy wait, and their number rises.`,
    },
    {
      alert: 'DsdeployKvCacheFull',
      expr: `${query.max(kvUsage)} > ${String(kvLimit)}`,
      for: '10m',
      severity: 'warning',
      summary: 'the KV cache of a rank is full',
      description: 'New requests wait for the cache, or running ones are preempted.',
    },
    ...(preemptions === undefined
      ? []
      : ([
          {
            alert: 'DsdeployPreemptions',
            expr: `${query.rate(preemptions, '10m')} > ${String(preemptionLimit)}`,
            for: '10m',
            severity: 'warning',
            summary: 'requests are preempted',
            description: 'Requests are thrown out of the cache and computed again.',
          },
        ] as const)),
  ];
}

function latencyAlerts(spec: Spec, group: PlacedGroup): readonly Alert[] {
  const query = queryOf(spec, group);
  const { timeToFirstToken, interTokenLatency } = query.names;
  const { ttftTargetSeconds, itlTargetSeconds } = spec.observability;
  return [
    {
      alert: 'DsdeployFirstTokenSlow',
      expr: `${query.quantile(timeToFirstToken, 0.95, '10m')} > ${String(ttftTargetSeconds)}`,
      for: '10m',
      severity: 'warning',
      summary: 'first tokens are late',
      description: `1 of 20 requests waits longer than ${String(ttftTargetSeconds)} s for its first token.`,
    },
    {
      alert: 'DsdeployTokensSlow',
      expr: `${query.quantile(interTokenLatency, 0.95, '10m')} > ${String(itlTargetSeconds)}`,
      for: '10m',
      severity: 'warning',
      summary: 'tokens are slow',
      description: `1 of 20 tokens takes longer than ${String(itlTargetSeconds)} s.`,
    },
  ];
}

function restartAlerts(spec: Spec, group: PlacedGroup): readonly Alert[] {
  const selector = podSelector(spec.namespace, group);
  return [
    {
      alert: 'DsdeployRestarts',
      expr: `sum(increase(kube_pod_container_status_restarts_total{${selector}}[1h])) > ${String(restartLimit)}`,
      for: '0m',
      severity: 'warning',
      summary: 'containers restart',
      description: `More than ${String(restartLimit)} restarts within an hour.`,
    },
    {
      // A group that is made again takes its restart counts with it; its pods keep their names.
      alert: 'DsdeployGroupRecreated',
      expr: `max(count by (pod) (count by (pod, uid) (last_over_time(kube_pod_info{${selector}}[1h])))) > ${String(restartLimit + 1)}`,
      for: '0m',
      severity: 'warning',
      summary: 'groups are made again and again',
      description: 'The controller replaced the pods of a group several times within an hour.',
    },
  ];
}
