import {
  breakEven,
  costPerMillionTokens,
  deepseekApiPrices,
  type Estimate,
  estimateEnergy,
  hostedCostPerMillionOutput,
  nodeHourlyCost,
  type Prices,
  type ServingEstimate,
} from '../../capacity/index.ts';
import type { AcceleratorRow } from '../../catalog/index.ts';
import type { CostRow, HourlyPrice, PriceRange } from './cost-result.ts';
import type { EstimatedWorkload } from './estimate-result.ts';
import {
  invalidPrices,
  missingPrices,
  type PriceKey,
  type PriceList,
  toPrices,
} from './price-list.ts';

/**
 * What one copy costs for an hour.
 *
 * @throws DsdeployError `PRICES_MISSING` or `PRICES_INVALID`: nothing is guessed.
 */
export function hourlyPrice(
  list: PriceList,
  { nodes, devicesPerNode }: { readonly nodes: number; readonly devicesPerNode: number },
): HourlyPrice {
  const { utilization } = list;
  const hourly = nodeHourlyCost(toPrices(list), devicesPerNode);
  const wrong = [
    ...(hourly.kind === 'invalid' ? hourly.prices.filter(isKey) : []),
    ...(utilization !== undefined && !(utilization > 0 && utilization <= 1)
      ? (['utilization'] as const)
      : []),
    ...negativeMonthly(list),
  ];
  if (wrong.length > 0) throw invalidPrices(wrong, 'prices');
  if (hourly.kind !== 'cost' || utilization === undefined) {
    throw missingPrices([
      ...(hourly.kind === 'missing' ? hourly.prices.filter(isKey) : []),
      ...(utilization === undefined ? (['utilization'] as const) : []),
    ]);
  }
  const { perNodeHour, parts } = hourly;
  const hosted = list.hosted ?? deepseekApiPrices;
  return { perNodeHour, parts, perCopyHour: perNodeHour * nodes, utilization, hosted };
}

function isKey(name: keyof Prices): name is Exclude<keyof Prices, 'otherPerNodeHour'> {
  return name !== 'otherPerNodeHour';
}

function negativeMonthly({ coloPerKilowattMonth, staffPerNodeMonth }: PriceList): PriceKey[] {
  return [
    ...((coloPerKilowattMonth ?? 0) < 0 ? (['coloPerKilowattMonth'] as const) : []),
    ...((staffPerNodeMonth ?? 0) < 0 ? (['staffPerNodeMonth'] as const) : []),
  ];
}

export interface CostQuestion {
  readonly price: HourlyPrice;
  readonly workload: EstimatedWorkload;
  readonly accelerator: AcceleratorRow;
  readonly devices: number;
  readonly pue: number | undefined;
}

/** Cost of the tokens of one row against what the hosted API takes for them. */
export function costOf(
  estimate: Extract<ServingEstimate, { kind: 'estimated' }>,
  { price, workload, accelerator, devices, pue }: CostQuestion,
): CostRow {
  const { perCopyHour, utilization, hosted } = price;
  const { outputTokensPerSecond: rate } = estimate;
  const { prefixHitRatio } = workload;
  const inputPerOutput = workload.inputTokens / workload.outputTokens;
  const mix = { inputPerOutput, prefixHitRatio };
  const perMillionOutput = priceOf(rate, (tokensPerSecond) =>
    costPerMillionTokens(perCopyHour, tokensPerSecond, utilization),
  );
  const hostedPerMillionOutput = hostedCostPerMillionOutput(hosted, mix);
  return {
    perMillionOutput,
    perMillionTokens: scaled(perMillionOutput, 1 / (1 + inputPerOutput)),
    hostedPerMillionOutput,
    breakEven: breakEven(perCopyHour, rate.p50, { prices: hosted, mix }),
    cheaper: cheaperOf(perMillionOutput, hostedPerMillionOutput),
    energy: estimateEnergy({
      accelerator,
      devices,
      prefillShare: estimate.prefillShare,
      utilization,
      outputTokensPerSecond: rate.p50,
      ...(pue === undefined ? {} : { pue }),
    }),
  };
}

/** A price falls as the rate rises: the high end of one is the low end of the other. */
function priceOf({ p50, low, high }: Estimate, of: (rate: number) => number): PriceRange {
  return { p50: of(p50), low: of(high), high: of(low) };
}

function scaled({ p50, low, high }: PriceRange, factor: number): PriceRange {
  return { p50: p50 * factor, low: low * factor, high: high * factor };
}

function cheaperOf({ low, high }: PriceRange, hosted: number): CostRow['cheaper'] {
  if (high < hosted) return 'own';
  return low > hosted ? 'hosted' : 'within the band';
}
