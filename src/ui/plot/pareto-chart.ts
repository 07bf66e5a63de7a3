import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { SearchPoint, SearchReport } from '../../actions/estimate/index.ts';
import { formatParallelism } from '../../layout/index.ts';

export interface ParetoChart {
  readonly title: string;
  /**
   * Whether the title is drawn; a page has its own.
   *
   * @default true
   */
  readonly showTitle?: boolean;
  readonly subtitle: string;
  readonly search: SearchReport;
}

/** Draws the front as a standalone SVG: no script, no outside font or style. */
export async function paretoSvg(chart: ParetoChart): Promise<string> {
  const view = new View(parse(compile(specOf(chart)).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

interface PlottedPoint {
  readonly user: number;
  readonly device: number;
  readonly low: number;
  readonly high: number;
  readonly layout: string;
  readonly label: string;
}

function specOf({ title, subtitle, search, showTitle = true }: ParetoChart): TopLevelSpec {
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
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    width: 640,
    height: 400,
    ...(showTitle ? { title: titleOf(title, subtitle) } : {}),
    config: { font: 'Helvetica, Arial, sans-serif', axis: { gridOpacity: 0.5 } },
    layer: [
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
            legend: { orient: 'bottom', columns: 2, labelLimit: 0 },
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

function titleOf(text: string, subtitle: string) {
  return {
    text,
    subtitle,
    anchor: 'start',
    fontSize: 16,
    subtitleFontSize: 12,
    offset: 12,
  } as const;
}

interface Axes {
  readonly x: object;
  readonly y: object;
}

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
