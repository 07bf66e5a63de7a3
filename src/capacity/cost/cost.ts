/**
 * Prices of the user's own site. There are no defaults: a price that is missing is asked for.
 * Money in one currency, the same everywhere; fractions between 0 and 1.
 */
export interface Prices {
  /** Rent of one device for one hour; when given, purchase prices are not needed. */
  readonly devicePerHour?: number;
  /** Purchase price of one node. */
  readonly node?: number;
  /** Months the node is written off over. */
  readonly months?: number;
  /** Share of the price left at the end. */
  readonly residual?: number;
  /** Network and storage, as a share of the node's price; 0.10 to 0.15 is usual. */
  readonly fabricShare?: number;
  /** Power of one node under load, kilowatts. */
  readonly nodeKilowatts?: number;
  /** Power usage effectiveness of the site, 1.2 to 1.6. */
  readonly pue?: number;
  readonly perKilowattHour?: number;
  /**
   * Space and staff of one node for one hour.
   *
   * @default 0
   */
  readonly otherPerNodeHour?: number;
}

export type HourlyCost =
  | { readonly kind: 'cost'; readonly perNodeHour: number; readonly parts: readonly CostPart[] }
  | { readonly kind: 'missing'; readonly prices: readonly (keyof Prices)[] }
  | { readonly kind: 'invalid'; readonly prices: readonly (keyof Prices)[] };

export interface CostPart {
  readonly name: 'rent' | 'purchase' | 'power' | 'other';
  readonly perNodeHour: number;
}

const hoursPerMonth = 730;

const ownershipPrices = [
  'node',
  'months',
  'residual',
  'fabricShare',
  'nodeKilowatts',
  'pue',
  'perKilowattHour',
] as const;

/** What one node costs for one hour, whether it works or not; or the prices still needed. */
export function nodeHourlyCost(prices: Prices, devicesPerNode: number): HourlyCost {
  const invalid = invalidPrices(prices);
  if (invalid.length > 0) return { kind: 'invalid', prices: invalid };
  const other = { name: 'other', perNodeHour: prices.otherPerNodeHour ?? 0 } as const;
  if (prices.devicePerHour !== undefined) {
    return total([{ name: 'rent', perNodeHour: prices.devicePerHour * devicesPerNode }, other]);
  }
  const { node, months, residual, fabricShare, nodeKilowatts, pue, perKilowattHour } = prices;
  if (
    node === undefined ||
    months === undefined ||
    residual === undefined ||
    fabricShare === undefined ||
    nodeKilowatts === undefined ||
    pue === undefined ||
    perKilowattHour === undefined
  ) {
    const missing = ownershipPrices.filter((name) => prices[name] === undefined);
    return { kind: 'missing', prices: missing };
  }
  const purchase = ((node * (1 - residual)) / (months * hoursPerMonth)) * (1 + fabricShare);
  return total([
    { name: 'purchase', perNodeHour: purchase },
    { name: 'power', perNodeHour: nodeKilowatts * pue * perKilowattHour },
    other,
  ]);
}

function total(parts: readonly CostPart[]): HourlyCost {
  const perNodeHour = parts.reduce((sum, part) => sum + part.perNodeHour, 0);
  return { kind: 'cost', perNodeHour, parts: parts.filter((part) => part.perNodeHour > 0) };
}

/** More than any currency needs for a node. */
const mostMoney = 1e12;

/** Beyond these a number is a slip: a watt for a kilowatt, a percentage for a share. */
const mostOf: Readonly<Partial<Record<keyof Prices, number>>> = {
  months: 600,
  residual: 1,
  fabricShare: 5,
  nodeKilowatts: 1000,
  pue: 5,
};

function invalidPrices(prices: Prices): (keyof Prices)[] {
  const names = Object.keys(prices) as (keyof Prices)[];
  return names.filter((name) => {
    const value = prices[name];
    if (value === undefined) return false;
    if (!Number.isFinite(value) || value < 0 || value > (mostOf[name] ?? mostMoney)) return true;
    if (name === 'pue') return value < 1;
    return name === 'months' && value === 0;
  });
}

/**
 * Price of a million tokens when a rate is reached for a share of the hours.
 *
 * @source LMSYS: 22,282 tokens per second for 16 $ per hour is 0.20 $ per million
 */
export function costPerMillionTokens(
  perHour: number,
  tokensPerSecond: number,
  utilization: number,
): number {
  return (perHour * 1e6) / (3600 * tokensPerSecond * utilization);
}

/** What a hosted API asks for a million tokens. */
export interface HostedPrices {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

/** @source DeepSeek API price list for V3.2, $ per million tokens (read 2026-11-23) */
export const deepseekApiPrices: HostedPrices = { input: 0.28, cachedInput: 0.028, output: 0.42 };

export interface TokenMix {
  /** Prompt tokens for each output token. */
  readonly inputPerOutput: number;
  /** Share of prompt tokens that are cached. */
  readonly prefixHitRatio: number;
}

/** What a hosted API would take for a million output tokens with their prompts. */
export function hostedCostPerMillionOutput(hosted: HostedPrices, mix: TokenMix): number {
  const { inputPerOutput, prefixHitRatio } = mix;
  const input = (1 - prefixHitRatio) * hosted.input + prefixHitRatio * hosted.cachedInput;
  return hosted.output + inputPerOutput * input;
}

export interface BreakEven {
  /** Output rate at which own hardware and the hosted API cost the same. */
  readonly outputTokensPerSecond: number;
  /** Share of the hours the full rate must be used; above 1 the hosted API is always cheaper. */
  readonly utilization: number;
  readonly cheaper: 'own at high use' | 'hosted at any use';
}

/** Use of the hardware from which it is cheaper than a hosted API. */
export function breakEven(
  perHour: number,
  outputTokensPerSecond: number,
  hosted: { readonly prices: HostedPrices; readonly mix: TokenMix },
): BreakEven {
  const perMillion = hostedCostPerMillionOutput(hosted.prices, hosted.mix);
  const needed = (perHour * 1e6) / (3600 * perMillion);
  const utilization = needed / outputTokensPerSecond;
  return {
    outputTokensPerSecond: needed,
    utilization,
    cheaper: utilization <= 1 ? 'own at high use' : 'hosted at any use',
  };
}
