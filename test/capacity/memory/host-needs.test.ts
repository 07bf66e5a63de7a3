import { describe, expect, test } from 'vitest';
import { hostNeeds } from '../../../src/capacity/index.ts';
import { gib, v32 } from '../catalog-rows.ts';

function amount(name: string, podsPerGroup = 1): number | undefined {
  const needs = hostNeeds({ model: v32, devicesPerPod: 8, podsPerGroup });
  return needs.find((need) => need.name === name)?.amount;
}

describe('hostNeeds() of V3.2 on eight devices', () => {
  test.each([
    { name: 'memory', gibibytes: 80 },
    { name: 'page-cache', gibibytes: 722.1 },
    { name: 'volume', gibibytes: 674.2 },
    { name: 'shared-memory', gibibytes: 16 },
  ])('$name is $gibibytes GiB', ({ name, gibibytes }) => {
    expect((amount(name) ?? Number.NaN) / gib).toBeCloseTo(gibibytes, 1);
  });

  test('asks for RDMA only when a group spans nodes', () => {
    expect(amount('rdma-devices')).toBeUndefined();
    expect(amount('rdma-devices', 2)).toBe(1);
  });
});
