import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { SearchPoint, SearchReport } from '../../actions/estimate/index.ts';
import { formatParallelism } from '../../layout/index.ts';
import { measuredSeries } from './measured-series.ts';

/** The search of one group as a picture. */
export interface ParetoChart {
  readonly title: string;
  /** Lines. */
  readonly subtitle: readonly string[];
  readonly search: SearchReport;
}

export interface PictureOptions {
  /**
   * Whether titles are drawn; a page has its own.
   *
   * @default true
   */
  readonly showTitle?: boolean;
}

/** Draws fronts below each other as one standalone SVG: no script, no outside font or style. */
export async function paretoSvg(
  charts: readonly ParetoChart[],
  { showTitle = true }: PictureOptions = {},
): Promise<string> {
  const { spec } = compile(pictureOf(charts, showTitle));
  const view = new View(parse(spec, { legend: { layout: legendLayout } }), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** Vega's own, which the schema of Vega-Lite leaves out: one legend below the other. */
const legendLayout = { bottom: { anchor: 'start', direction: 'vertical', margin: 8 } } as const;

function pictureOf(charts: readonly ParetoChart[], showTitle: boolean): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    config: {
      font: 'Helvetica, Arial, sans-serif',
      axis: { gridOpacity: 0.5 },
      legend: { orient: 'bottom', columns: 2, labelLimit: 0 },
    },
    spacing: 40,
    vconcat: charts.map((chart) => chartOf(chart, showTitle)),
    // Each group has devices, layouts and a scale of its own.
    resolve: { scale: { color: 'independent', shape: 'independent' } },
  };
}

interface PlottedPoint {
  readonly user: number;
  readonly device: number;
  readonly low: number;
  readonly high: number;
  readonly layout: string;
  readonly label: string;
}

type Chart = Extract<TopLevelSpec, { readonly vconcat: unknown }>['vconcat'][number];

function chartOf({ title, subtitle, search }: ParetoChart, showTitle: boolean): Chart {
  const front = labelled(search.front.map(toPlotted));
  const x = {
    field: 'user',
    type: 'quantitative',
    title: 'output tokens/s of one sequence',
    scale: { type: 'log', nice: false, padding: 24 },
  } as const;
  const y = {
    field: 'device',
    type: 'quantitative',
    title: 'output tokens/s per device',
    scale: { type: 'log', nice: false, padding: 24 },
  } as const;
  const values = { values: front };
  return {
    width: 640,
    height: 400,
    ...(showTitle ? { title: titleOf(title, subtitle) } : {}),
    layer: [
      ...measuredLayers(search, { x, y }),
      {
        data: values,
        mark: { type: 'area', opacity: 0.12, color: '#4c78a8' },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: values,
        mark: { type: 'line', color: '#4c78a8', strokeWidth: 1.5 },
        encoding: { x, y },
      },
      {
        data: values,
        mark: { type: 'point', filled: true, size: 70, opacity: 1 },
        encoding: {
          x,
          y,
          color: {
            field: 'layout',
            type: 'nominal',
            title: null,
            scale: { scheme: 'tableau10' },
            sort: null,
          },
        },
      },
      ...markedLayers(search, { x, y }),
      {
        data: values,
        mark: { type: 'text', align: 'left', dx: 7, dy: -7, fontSize: 10, color: '#444' },
        encoding: { x, y, text: { field: 'label' } },
      },
    ],
  };
}

function titleOf(text: string, subtitle: readonly string[]) {
  return {
    text,
    subtitle: [...subtitle],
    anchor: 'start' as const,
    fontSize: 16,
    subtitleFontSize: 12,
    offset: 12,
  };
}

interface Axes {
  readonly x: object;
  readonly y: object;
}

/** Published runs: a shape for each series, and the requests in flight beside each point. */
function measuredLayers({ measured }: SearchReport, { x, y }: Axes) {
  if (measured.length === 0) return [];
  const values = measuredSeries(measured).flatMap(({ name, points }) =>
    points.map((point) => ({
      user: point.outputTokensPerSecondPerUser,
      device: point.outputTokensPerSecondPerDevice,
      series: `published: ${name}`,
      label: String(point.concurrency),
    })),
  );
  const data = { values };
  const shape = {
    field: 'series',
    type: 'nominal',
    title: null,
    scale: { range: [...shapes] },
    sort: null,
  } as const;
  return [
    {
      data,
      mark: { type: 'point', size: 50, color: '#333', opacity: 1 },
      encoding: { x, y, shape },
    } as const,
    {
      data,
      mark: { type: 'text', align: 'left', dx: 6, dy: 8, fontSize: 9, color: '#777' },
      encoding: { x, y, text: { field: 'label' } },
    } as const,
  ];
}

const shapes = ['cross', 'diamond', 'triangle-up', 'square', 'triangle-down'] as const;

/** A ring around the chosen point, and a line at the limit on the time between tokens. */
function markedLayers({ chosen, objective }: SearchReport, { x, y }: Axes) {
  const limit = typeof objective === 'string' ? undefined : objective.tpotMs;
  const ring = {
    mark: { type: 'point', shape: 'circle', size: 260, color: '#d62728', strokeWidth: 2 },
    encoding: { x, y },
  } as const;
  const dashes: number[] = [5, 4];
  const rule = {
    mark: { type: 'rule', color: '#d62728', strokeDash: dashes },
    encoding: { x },
  } as const;
  return [
    ...(chosen === undefined ? [] : [{ data: { values: [toPlotted(chosen)] }, ...ring }]),
    ...(limit === undefined ? [] : [{ data: { values: [{ user: 1e3 / limit }] }, ...rule }]),
  ];
}

function toPlotted(point: SearchPoint): PlottedPoint {
  const { p50, low, high } = point.outputTokensPerSecondPerDevice;
  const { parallelism, copies, kvCache, mtpTokens } = point;
  const times = copies === 1 ? '' : `${copies} x `;
  const drafts = mtpTokens === 0 ? '' : `, MTP ${mtpTokens}`;
  return {
    user: point.outputTokensPerSecondPerUser,
    device: p50,
    low,
    high,
    layout: `${times}${formatParallelism(parallelism)}, ${kvCache}${drafts}`,
    label: point.concurrency === 1 ? '1 request' : `${point.concurrency} requests`,
  };
}

/** Names the requests of the ends and of every layout's first point; more would cover each other. */
function labelled(points: readonly PlottedPoint[]): PlottedPoint[] {
  return points.map((point, index) => {
    const isEnd = index === 0 || index === points.length - 1;
    const starts = points[index - 1]?.layout !== point.layout;
    return isEnd || starts ? point : { ...point, label: '' };
  });
}
