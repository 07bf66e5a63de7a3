import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  breakEven,
  costPerMillionTokens,
  deepseekApiPrices,
  estimateEnergy,
  hostedCostPerMillionOutput,
  nodeHourlyCost,
  type Prices,
  tokensPerSecondPerMegawatt,
} from '../../../src/capacity/index.ts';
import { accelerator } from '../catalog-rows.ts';

/** A node of 8 H200 as in the published example: 300,000 $ over 48 months. */
const owned: Prices = {
  node: 300_000,
  months: 48,
  residual: 0.2,
  fabricShare: 0.15,
  nodeKilowatts: 10.2,
  pue: 1.25,
  perKilowattHour: 0.1,
};

function perNodeHour(prices: Prices): number {
  const cost = nodeHourlyCost(prices, 8);
  if (cost.kind !== 'cost') throw new Error(JSON.stringify(cost));
  return cost.perNodeHour;
}

describe('nodeHourlyCost()', () => {
  test('an owned node of 300,000 $ costs 9.15 $ an hour', () => {
    const cost = nodeHourlyCost(owned, 8);
    expect(perNodeHour(owned)).toBeCloseTo(9.15, 2);
    expect(cost).toMatchObject({
      parts: [
        { name: 'purchase', perNodeHour: expect.closeTo(7.877, 2) },
        { name: 'power', perNodeHour: expect.closeTo(1.275, 3) },
      ],
    });
  });

  test('rent needs no purchase price', () => {
    expect(perNodeHour({ devicePerHour: 2, otherPerNodeHour: 1 })).toBe(17);
  });

  test('names every price that is missing and guesses none', () => {
    const { node, months, fabricShare, nodeKilowatts, perKilowattHour } = owned;
    const known = { node, months, fabricShare, nodeKilowatts, perKilowattHour } as Prices;
    expect(nodeHourlyCost(known, 8)).toEqual({ kind: 'missing', prices: ['residual', 'pue'] });
    expect(nodeHourlyCost({}, 8)).toMatchObject({ kind: 'missing', prices: expect.any(Array) });
  });

  test.each<{ price: keyof Prices; value: number }>([
    { price: 'node', value: -1 },
    { price: 'residual', value: 1.1 },
    { price: 'pue', value: 0.9 },
    { price: 'months', value: 0 },
    { price: 'perKilowattHour', value: Number.NaN },
  ])('refuses $price of $value', ({ price, value }) => {
    const cost = nodeHourlyCost({ ...owned, [price]: value }, 8);
    expect(cost).toEqual({ kind: 'invalid', prices: [price] });
  });
});

describe('costPerMillionTokens() agrees with published prices', () => {
  test.each([
    { who: 'LMSYS, 96 x H100, per node', perHour: 16, rate: 22_282, expected: 0.2 },
    { who: 'InferenceX B200, per GPU', perHour: 1.94, rate: 5857, expected: 0.092 },
    { who: 'InferenceX MI300X, per GPU', perHour: 1.12, rate: 725, expected: 0.429 },
    { who: 'NVIDIA H200, per GPU', perHour: 1.36, rate: 90, expected: 4.2 },
    { who: 'NVIDIA GB300, per GPU', perHour: 2.6, rate: 6000, expected: 0.12 },
  ])('$who: $expected $', ({ perHour, rate, expected }) => {
    const cost = costPerMillionTokens(perHour, rate, 1);
    expect(Math.abs(cost / expected - 1)).toBeLessThan(0.01);
  });

  test('226.75 nodes of 8 H800 at 2 $ cost 87,072 $ a day', () => {
    expect(226.75 * perNodeHour({ devicePerHour: 2 }) * 24).toBe(87_072);
  });

  test('half the use costs twice as much a token', () => {
    expect(costPerMillionTokens(16, 5000, 0.5)).toBe(2 * costPerMillionTokens(16, 5000, 1));
  });
});

describe('breakEven() against the hosted API', () => {
  const hosted = {
    prices: deepseekApiPrices,
    mix: { inputPerOutput: 3, prefixHitRatio: 0.56 },
  };

  test('a million output tokens with three times the prompts cost 0.837 $ hosted', () => {
    expect(hostedCostPerMillionOutput(hosted.prices, hosted.mix)).toBeCloseTo(0.837, 3);
  });

  test('16 $ an hour break even at 5,310 output tokens per second', () => {
    const { outputTokensPerSecond } = breakEven(16, 8000, hosted);
    expect(Math.round(outputTokensPerSecond / 10) * 10).toBe(5310);
  });

  test.each([
    { rate: 8000, cheaper: 'own at high use', utilization: '0.66' },
    { rate: 3000, cheaper: 'hosted at any use', utilization: '1.77' },
  ])('at $rate tokens per second: $cheaper', ({ rate, cheaper, utilization }) => {
    const result = breakEven(16, rate, hosted);
    expect(result.cheaper).toBe(cheaper);
    expect(result.utilization.toFixed(2)).toBe(utilization);
  });

  test('at the break-even use own tokens cost what hosted ones do', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 100, noNaN: true }),
        fc.double({ min: 100, max: 1e5, noNaN: true }),
        (perHour, rate) => {
          const { utilization } = breakEven(perHour, rate, hosted);
          const own = costPerMillionTokens(perHour, rate, utilization);
          expect(own).toBeCloseTo(hostedCostPerMillionOutput(hosted.prices, hosted.mix), 6);
        },
      ),
    );
  });
});

describe('estimateEnergy()', () => {
  const base = {
    accelerator: accelerator('mi300x'),
    devices: 8,
    prefillShare: 0,
    utilization: 1,
    outputTokensPerSecond: 2000,
  };

  test('a busy MI300X in decode draws about the 356 W that were measured', () => {
    const { deviceWatts, label } = estimateEnergy(base);
    expect(Math.abs(deviceWatts / 8 / 356 - 1)).toBeLessThan(0.06);
    expect(label).toBe('assumed');
  });

  test('idle hours make tokens dearer', () => {
    const perMillion = (utilization: number) =>
      estimateEnergy({ ...base, utilization }).kilowattHoursPerMillionOutputTokens;
    expect(perMillion(0.3)).toBeGreaterThan(perMillion(1));
    expect(perMillion(1)).toBeCloseTo(0.417, 2);
  });

  test('5,857 tokens per second on 2.17 kW are 2.7 million per megawatt', () => {
    expect(tokensPerSecondPerMegawatt(5857, 2.17) / 1e6).toBeCloseTo(2.7, 1);
  });
});
