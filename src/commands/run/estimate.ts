import { readProfile } from '../../actions/calibrate/read-profile.ts';
import {
  type EstimateResult,
  estimateDeployment,
  type PriceKey,
  type PriceList,
  priceKeys,
  priceOption,
  readPrices,
} from '../../actions/estimate/index.ts';
import { readLayout } from '../../actions/read-layout.ts';
import { DsdeployError, type ExitCode, exitCode } from '../../errors/index.ts';
import { siteCatalog } from '../../layout/index.ts';
import type { ParetoChart } from '../../ui/plot/pareto-chart.ts';
import { renderEstimate } from '../../ui/text/estimate.ts';
import type { Context } from '../context.ts';
import { readNumber } from '../options/number-options.ts';
import { readPorts, type SpecArgs, withSession } from './with-session.ts';

/** Values of the options that name a price, by option. */
type PriceArgs = Readonly<Partial<Record<string, unknown>>>;

export interface EstimateArgs extends SpecArgs, PriceArgs {
  readonly file: string;
  readonly namespace?: string | undefined;
  readonly o: 'text' | 'json';
  readonly 'no-color'?: boolean | undefined;
  readonly profile?: string | undefined;
  readonly input?: number | undefined;
  readonly output?: string | undefined;
  readonly concurrency: readonly number[];
  readonly 'prefix-hit'?: number | undefined;
  readonly search?: boolean | undefined;
  readonly nodes?: number | undefined;
  readonly objective?: 'throughput' | 'latency' | undefined;
  readonly plot?: string | undefined;
  readonly cost?: boolean | undefined;
  readonly prices?: string | undefined;
}

/** Estimates speed and cost of every group, searches layouts, and draws what it found. */
export function runEstimate(args: EstimateArgs, context: Context): Promise<ExitCode> {
  checkOptions(args);
  const { format, outputTokens } = readOutput(args);
  const result = { output: format, 'no-color': args['no-color'] };
  return withSession(result, context, async (session) => {
    const catalog = siteCatalog(await readProfile(args.profile, context.files));
    const layout = await readLayout(args, readPorts(session, context), catalog);
    const prices = args.cost === true ? await pricesOf(args, context) : undefined;
    const estimate = estimateDeployment(layout, {
      catalog,
      inputTokens: args.input ?? defaultTokens,
      outputTokens,
      concurrency: args.concurrency,
      prefixHitRatio: args['prefix-hit'] ?? 0,
      ...(prices === undefined ? {} : { prices }),
      ...(args.search === true ? { search: { nodes: args.nodes, objective: args.objective } } : {}),
    });
    if (args.plot !== undefined) {
      const drawn = await drawFronts(estimate, args.plot, context);
      const text = drawn
        ? `Drew the front into ${args.plot}`
        : `No front to draw into ${args.plot}`;
      session.host.notify({ code: 'STEP', level: 'info', text });
    }
    session.print({ document: estimate, render: (style) => renderEstimate(estimate, style) });
    return estimate.fits ? exitCode.done : exitCode.specInvalid;
  });
}

const defaultTokens = 1024;

/** `--output` is a number of tokens here; `json` and `text` mean the format, as everywhere else. */
function readOutput({ o, output }: EstimateArgs): {
  readonly format: 'text' | 'json';
  readonly outputTokens: number;
} {
  if (output === undefined) return { format: o, outputTokens: defaultTokens };
  if (output === 'json' || output === 'text') {
    return { format: output, outputTokens: defaultTokens };
  }
  return { format: o, outputTokens: readNumber('output', output) };
}

/** Options that say nothing without another one. */
const dependentOptions: readonly (readonly [
  needed: 'search' | 'cost',
  options: readonly string[],
])[] = [
  ['search', ['plot', 'nodes', 'objective']],
  ['cost', ['prices', ...Object.keys(priceKeys).map((key) => priceOption(key as PriceKey))]],
];

function checkOptions(args: EstimateArgs): void {
  const { plot, nodes } = args;
  for (const [needed, options] of dependentOptions) {
    const idle = options.find((option) => args[option] !== undefined);
    if (idle === undefined || args[needed] === true) continue;
    throw new DsdeployError('USAGE', `Cannot use --${idle}: it needs --${needed}`, {
      subject: `--${idle}`,
      hint: `Add --${needed}.`,
    });
  }
  if (nodes !== undefined && !(Number.isInteger(nodes) && nodes >= 1 && nodes <= 64)) {
    throw new DsdeployError('USAGE', `Cannot search: ${nodes} is no number of nodes`, {
      subject: '--nodes',
      hint: 'Give a whole number from 1 to 64.',
    });
  }
  if (plot !== undefined && !/\.(svg|html)$/.test(plot)) {
    throw new DsdeployError('USAGE', `Cannot draw "${plot}": the name says no known format`, {
      subject: '--plot',
      hint: 'End the name in .svg or .html.',
    });
  }
}

function pricesOf(args: EstimateArgs, { files }: Pick<Context, 'files'>): Promise<PriceList> {
  const keys = Object.keys(priceKeys) as PriceKey[];
  const options = Object.fromEntries(keys.map((key) => [key, args[priceOption(key)]]));
  return readPrices(args.prices, options, files);
}

/** Writes the fronts of all searched groups, if there is one; the library is loaded only for it. */
async function drawFronts(
  { groups, workload }: EstimateResult,
  path: string,
  { files }: Pick<Context, 'files'>,
): Promise<boolean> {
  const charts = groups.flatMap((group) => chartOf(group, workload, groups.length > 1));
  // The result says of each group that no layout fits.
  if (charts.length === 0) return false;
  const { paretoSvg } = await import('../../ui/plot/pareto-chart.ts');
  const { paretoHtml } = await import('../../ui/plot/pareto-html.ts');
  const text = path.endsWith('.svg') ? await paretoSvg(charts) : await paretoHtml(charts);
  try {
    await files.writeText(path, text, { overwrite: true });
    return true;
  } catch (cause) {
    throw new DsdeployError('FILE_UNWRITABLE', `Cannot write the plot "${path}"`, {
      subject: path,
      hint: 'Name a file in a folder you may write to.',
      cause,
    });
  }
}

function chartOf(
  { name, model, device, engine, release, search }: EstimateResult['groups'][number],
  { inputTokens, outputTokens }: EstimateResult['workload'],
  isOneOfSeveral: boolean,
): ParetoChart[] {
  if (search === undefined || search.front.length === 0) return [];
  const nodes = search.nodes === 1 ? '1 node' : `${search.nodes} nodes`;
  const subtitle = [
    `${engine} ${release}, ${inputTokens} tokens in, ${outputTokens} out`,
    'band: range of the estimate; ring: best layout; empty shapes: published runs with their requests in flight',
  ];
  return [
    {
      title: `${isOneOfSeveral ? `${name}: ` : ''}${model} on ${nodes} of ${device}`,
      subtitle,
      search,
    },
  ];
}
