import { defineCommand } from './define-command.ts';
import { numberOption, numbersOption } from './options/number-options.ts';
import { nonEmpty, profileOption, resultOptions, specOptions } from './options/options.ts';

const costGroup = 'Prices for --cost:';

/** An option of the group of prices. */
function price(name: string, describe: string) {
  return { ...numberOption(name, describe), group: costGroup } as const;
}

/** An option that names a file. */
function fileOption(name: string, describe: string) {
  return { type: 'string', requiresArg: true, coerce: nonEmpty(name), describe } as const;
}

export const estimateCommand = defineCommand({
  command: 'estimate',
  describe: 'Estimate latency, throughput and cost; needs no cluster',
  options: {
    ...specOptions,
    ...profileOption,
    'no-color': resultOptions['no-color'],
    o: {
      alias: 'format',
      choices: resultOptions.output.choices,
      default: resultOptions.output.default,
      requiresArg: true,
      describe: resultOptions.output.describe,
    },
    input: numberOption('input', 'Mean tokens of a prompt  [default: 1024]'),
    // Here --output is the length of an answer; the formats are still taken for what they are.
    output: {
      type: 'string',
      requiresArg: true,
      describe: 'Mean tokens of an answer  [default: 1024]',
    },
    concurrency: numbersOption(
      'concurrency',
      '1,4,16,64',
      'Requests in flight in one copy; a row each',
    ),
    'prefix-hit': numberOption('prefix-hit', 'Share of prompt tokens in the prefix cache, 0 to 1'),
    search: { type: 'boolean', describe: 'Search all layouts, and show the Pareto front' },
    nodes: numberOption('nodes', 'Nodes to search  [default: those of the group]'),
    objective: {
      choices: ['throughput', 'latency'] as const,
      requiresArg: true,
      describe: "What the search looks for  [default: the group's]",
    },
    plot: fileOption('plot', 'Draw the front of the search into this .svg or .html file'),
    cost: { type: 'boolean', describe: 'Price a million tokens, against the hosted API' },
    prices: { ...fileOption('prices', 'YAML or JSON file with prices'), group: costGroup },
    'device-hour-price': price('device-hour-price', 'Rent of a device, instead of a purchase'),
    'node-price': price('node-price', 'Purchase price of a node'),
    months: price('months', 'Months a node is written off over'),
    residual: price('residual', 'Share of the price left at the end, 0 to 1'),
    'fabric-share': price('fabric-share', 'Network and storage, share of the price; 0.10 to 0.15'),
    'node-kw': price('node-kw', 'Power of a node under load, kW'),
    pue: price('pue', 'Power usage effectiveness, 1.2 to 1.6'),
    'kwh-price': price('kwh-price', 'Price of a kWh'),
    'colo-kw-month': price('colo-kw-month', 'Space, per kW and month'),
    'staff-node-month': price('staff-node-month', 'Staff, per node and month'),
    utilization: price('utilization', 'Share of the hours the devices serve, 0 to 1'),
  },
  examples: [
    ['$0 estimate --input 4096 --output 512 --concurrency 4,16,64', 'How fast is it?'],
    ['$0 estimate --cost --device-hour-price 2.1 --utilization 0.4', 'What does a token cost?'],
    ['$0 estimate --search --nodes 4 --plot front.svg', 'Which layout is best on four nodes?'],
  ],
  epilogue: 'Exit codes: 0 done, 4 spec invalid or a group does not fit: it then has no latency.',
  run: async (args, context) => {
    const { runEstimate } = await import('./run/estimate.ts');
    return runEstimate(args, context);
  },
});
