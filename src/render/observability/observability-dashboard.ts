/* eslint-disable @typescript-eslint/no-deprecated -- the second form of dashboards is for Grafana's own API; its sidecar and every Grafana that runs today read the first one from a ConfigMap */
import {
  DashboardBuilder as Dashboard,
  type DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import type { EngineId } from '../../catalog/index.ts';
import { engines, type MetricNames } from '../../engines/index.ts';
import type { PlacedGroup } from '../../layout/index.ts';
import { sortKeys } from '../../manifest/index.ts';
import type { Spec } from '../../spec/index.ts';
import { type MetricQuery, metricQuery, podPattern, wantedCopies } from './metric-query.ts';

const datasource = { type: 'prometheus', uid: '${datasource}' };

const window = '$__rate_interval';

interface Series {
  readonly legend: string;
  readonly expr: string;
}

interface Chart {
  readonly title: string;
  /** Grafana unit, for example `s` or `percentunit`. */
  readonly unit: string;
  readonly series: readonly Series[];
}

/** Engines in short, because Grafana takes at most 40 characters as an id. */
const shortNames = {
  vllm: 'vllm',
  sglang: 'sglang',
  'vllm-ascend': 'ascend',
} as const satisfies Record<EngineId, string>;

/** Name of the dashboard of one engine, also its id in Grafana. */
export function dashboardName({ name }: Spec, engine: EngineId): string {
  return `${name}-${shortNames[engine]}`;
}

/** Builds the dashboard of all groups that run one engine, as JSON with sorted keys. */
export function renderDashboard(
  spec: Spec,
  engine: EngineId,
  groups: readonly PlacedGroup[],
): string {
  const pods = groups.map((group) => podPattern(group, 'all')).join('|');
  const selector = `namespace="${spec.namespace}",pod=~"${pods}"`;
  const query = metricQuery(engines[engine].metrics, selector);
  const dashboard = new Dashboard(`${spec.name}: ${engine}`)
    .uid(dashboardName(spec, engine))
    .tags(['dsdeploy', spec.name, engine])
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .readonly()
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    );
  addOverview(dashboard, { spec, query, groups });
  addCharts(dashboard, 'Requests', requestCharts(query));
  addCharts(dashboard, 'Tokens', tokenCharts(query));
  addCharts(dashboard, 'Latency', latencyCharts(query));
  return `${JSON.stringify(sortKeys(dashboard.build()), null, 2)}\n`;
}

interface OverviewFacts {
  readonly spec: Spec;
  readonly query: MetricQuery;
  readonly groups: readonly PlacedGroup[];
}

function addOverview(dashboard: DashboardBuilder, { spec, query, groups }: OverviewFacts): void {
  const wanted = groups.map(
    (group) => `${wantedCopies(spec.namespace, group)} * ${String(group.podsPerGroup)}`,
  );
  const { running, waiting, generationTokens, kvUsage } = query.names;
  const stats: readonly (Series & { readonly unit: string })[] = [
    {
      legend: 'Pods ready',
      unit: 'none',
      expr: `sum(kube_pod_status_ready{${query.selector},condition="true"}) or vector(0)`,
    },
    { legend: 'Pods wanted', unit: 'none', expr: wanted.join(' + ') },
    { legend: 'Running', unit: 'none', expr: query.sum(running) },
    { legend: 'Waiting', unit: 'none', expr: query.sum(waiting) },
    {
      legend: 'Output tokens per second',
      unit: 'none',
      expr: query.rate(generationTokens, window),
    },
    { legend: 'Fullest KV cache', unit: 'percentunit', expr: query.max(kvUsage) },
  ];
  dashboard.withRow(new RowBuilder(`${spec.model.id} in ${spec.namespace}`));
  for (const { legend, unit, expr } of stats) {
    dashboard.withPanel(
      new StatPanel()
        .title(legend)
        .datasource(datasource)
        .unit(unit)
        .height(4)
        .span(4)
        .withTarget(new DataqueryBuilder().datasource(datasource).expr(expr).refId('A')),
    );
  }
}

function addCharts(dashboard: DashboardBuilder, title: string, charts: readonly Chart[]): void {
  dashboard.withRow(new RowBuilder(title));
  for (const chart of charts) {
    const panel = new TimeSeriesPanel()
      .title(chart.title)
      .datasource(datasource)
      .unit(chart.unit)
      .min(0)
      .height(8)
      .span(8);
    for (const [index, { legend, expr }] of chart.series.entries()) {
      panel.withTarget(
        new DataqueryBuilder()
          .datasource(datasource)
          .expr(expr)
          .legendFormat(legend)
          .refId(String.fromCharCode(65 + index)),
      );
    }
    dashboard.withPanel(panel);
  }
}

function requestCharts(query: MetricQuery): readonly Chart[] {
  const { running, waiting, kvUsage, preemptions } = query.names;
  return [
    {
      title: 'Requests',
      unit: 'none',
      series: [
        { legend: 'running', expr: query.sum(running) },
        { legend: 'waiting', expr: query.sum(waiting) },
      ],
    },
    {
      title: 'KV cache used, by pod',
      unit: 'percentunit',
      series: [{ legend: '{{pod}}', expr: `max by (pod) (${query.of(kvUsage)})` }],
    },
    ...(preemptions === undefined
      ? []
      : [
          {
            title: 'Preemptions',
            unit: 'none',
            series: [{ legend: 'preemptions', expr: query.rate(preemptions, window) }],
          },
        ]),
  ];
}

function tokenCharts(query: MetricQuery): readonly Chart[] {
  const { promptTokens, generationTokens } = query.names;
  return [
    {
      title: 'Tokens per second',
      unit: 'none',
      series: [
        { legend: 'prompt', expr: query.rate(promptTokens, window) },
        { legend: 'output', expr: query.rate(generationTokens, window) },
      ],
    },
    ...prefixChart(query),
    ...draftChart(query),
  ];
}

function prefixChart(query: MetricQuery): readonly Chart[] {
  const { prefixHits, prefixQueries, prefixHitRate } = query.names;
  const expr =
    prefixHits !== undefined && prefixQueries !== undefined
      ? `${query.rate(prefixHits, window)} / ${query.rate(prefixQueries, window)}`
      : prefixHitRate === undefined
        ? undefined
        : `avg(${query.of(prefixHitRate)})`;
  if (expr === undefined) return [];
  return [{ title: 'Prefix cache hits', unit: 'percentunit', series: [{ legend: 'hits', expr }] }];
}

function draftChart(query: MetricQuery): readonly Chart[] {
  const { draftTokens, acceptedTokens, acceptLength } = query.names;
  if (draftTokens !== undefined && acceptedTokens !== undefined) {
    const expr = `${query.rate(acceptedTokens, window)} / ${query.rate(draftTokens, window)}`;
    return [
      {
        title: 'Draft tokens accepted',
        unit: 'percentunit',
        series: [{ legend: 'accepted', expr }],
      },
    ];
  }
  if (acceptLength === undefined) return [];
  const expr = `avg(${query.of(acceptLength)})`;
  return [
    { title: 'Accepted length of drafts', unit: 'none', series: [{ legend: 'tokens', expr }] },
  ];
}

const latencyNames = [
  ['Time to first token', 'timeToFirstToken'],
  ['Time between tokens', 'interTokenLatency'],
  ['Whole request', 'endToEndLatency'],
  ['Time in the queue', 'queueTime'],
] as const satisfies readonly (readonly [string, keyof MetricNames])[];

function latencyCharts(query: MetricQuery): readonly Chart[] {
  return latencyNames.flatMap(([title, name]) => {
    const metric = query.names[name];
    if (metric === undefined) return [];
    const series = [0.5, 0.95, 0.99].map((quantile) => ({
      legend: `p${String(quantile * 100)}`,
      expr: query.quantile(metric, quantile, window),
    }));
    return [{ title, unit: 's', series }];
  });
}
