import type {
  CostRow,
  EstimatedGroup,
  HourlyPrice,
  PriceRange,
} from '../../actions/estimate/index.ts';
import { formatCount } from '../../units/index.ts';
import { fields, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';

/** The blocks that say what tokens cost, and whether the hosted API is cheaper; none without prices. */
export function costBlocks({ rows, price }: EstimatedGroup, style: Style): string[][] {
  if (price === undefined) return [];
  const costs = rows.flatMap(({ concurrency, cost }) =>
    cost === undefined ? [] : [{ concurrency, cost }],
  );
  return [priceFields(price, style), costTable(costs, style), verdictLines(costs, price, style)];
}

interface PricedRow {
  readonly concurrency: number;
  readonly cost: CostRow;
}

function priceFields(price: HourlyPrice, style: Style): string[] {
  const { perNodeHour, perCopyHour, parts, utilization, hosted } = price;
  const sum = parts.map(({ name, perNodeHour: part }) => `${name} ${money(part)}`).join(' + ');
  return fields(
    [
      ['a node', `${money(perNodeHour)} an hour: ${sum}`],
      ['a copy', `${money(perCopyHour)} an hour, serving ${percent(utilization)} of the time`],
      [
        'hosted API',
        `${money(hosted.input)} in, ${money(hosted.cachedInput)} cached, ${money(hosted.output)} out for a million tokens`,
      ],
    ],
    { style },
  );
}

function costTable(rows: readonly PricedRow[], style: Style): string[] {
  const columns = [
    { header: 'requests', align: 'right' },
    { header: 'own $/M out', align: 'right' },
    { header: 'hosted', align: 'right' },
    { header: 'break-even', align: 'right' },
    { header: 'kWh/M out', align: 'right' },
    { header: 'cheaper' },
  ] as const;
  const cells = rows.map(({ concurrency, cost }) => [
    { text: formatCount(concurrency) },
    { text: rangeText(cost.perMillionOutput) },
    { text: money(cost.hostedPerMillionOutput) },
    { text: percent(cost.breakEven.utilization) },
    { text: cost.energy.kilowattHoursPerMillionOutputTokens.toFixed(2) },
    { text: cost.cheaper },
  ]);
  return table({ columns, rows: cells }, { style });
}

/** Says in words what the best row means; the table has the numbers. */
function verdictLines(
  rows: readonly PricedRow[],
  { utilization }: HourlyPrice,
  style: Style,
): string[] {
  const [best] = rows.toSorted((a, b) => a.cost.perMillionOutput.p50 - b.cost.perMillionOutput.p50);
  if (best === undefined) return [];
  const { cheaper, perMillionOutput, hostedPerMillionOutput, breakEven } = best.cost;
  const own = money(perMillionOutput.p50);
  const hosted = money(hostedPerMillionOutput);
  const needed = percent(breakEven.utilization);
  const at = `${formatCount(best.concurrency)} requests in flight`;
  const never = `The hosted API is cheaper however busy the devices are: with ${at} they would have to serve ${needed} of the time.`;
  const texts = {
    own: `Your own devices are cheaper: ${own} against ${hosted} with ${at}, from ${needed} use on.`,
    hosted:
      breakEven.utilization > 1
        ? never
        : `The hosted API is cheaper at ${percent(utilization)} use: ${hosted} against ${own} with ${at}. Your own devices win from ${needed} use on.`,
    'within the band': `The estimate is too wide to say which is cheaper: ${own} against ${hosted} with ${at}; the middle of the band breaks even at ${needed} use.`,
  } as const;
  const reason =
    cheaper === 'own'
      ? ''
      : ' Data that may not leave, or a hosted API that times out, are reasons a price does not show.';
  return paragraph(`${texts[cheaper]}${reason}`, { style, indent: 2 });
}

function rangeText({ p50, low, high }: PriceRange): string {
  return `${money(p50)} (${money(low)}-${money(high)})`;
}

function money(amount: number): string {
  return amount >= 100 ? formatCount(amount) : amount.toFixed(amount < 0.1 ? 3 : 2);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
