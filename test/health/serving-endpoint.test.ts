import { describe, expect, test } from 'vitest';
import { expectedEndpoints, ranksOfDataRanks } from '../../src/health/index.ts';
import { type PlacedGroup, planLayout } from '../../src/layout/index.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

function place(overrides: Partial<GroupSpec>): PlacedGroup {
  const layout = planLayout(aSpec({ pools: [aPool()], groups: [aGroup(overrides)] }));
  const [group] = layout.groups;
  if (group?.kind !== 'placed') throw new Error(JSON.stringify(group));
  return group;
}

describe('expectedEndpoints()', () => {
  test('asks the leader for all ranks when it balances the load', () => {
    const endpoints = expectedEndpoints(place({}));
    expect(endpoints).toMatchObject([{ key: 'deepseek-main-0', port: 8000 }]);
    expect(endpoints[0]?.dataRanks).toHaveLength(16);
  });

  test('asks every pod for its own ranks when each balances its own load', () => {
    const endpoints = expectedEndpoints(place({ loadBalancing: 'hybrid' }));
    expect(endpoints.map(({ key }) => key)).toEqual(['deepseek-main-0', 'deepseek-main-0-1']);
    expect(endpoints[1]?.dataRanks).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
  });

  test('asks every port of every pod when each rank has its own', () => {
    const endpoints = expectedEndpoints(place({ loadBalancing: 'multi-port' }));
    expect(endpoints).toHaveLength(16);
    expect(endpoints[9]).toMatchObject({
      key: 'deepseek-main-0-1:8001',
      port: 8001,
      dataRanks: [9],
    });
    expect(new Set(endpoints.map(({ key }) => key)).size).toBe(16);
  });
});

describe('ranksOfDataRanks()', () => {
  test('names the devices of a data-parallel rank', () => {
    const group = place({ parallelism: { tensor: 2, data: 8, pipeline: 1, expert: true } });
    expect(ranksOfDataRanks(group, [0, 1, 5])).toBe('0-3,10-11');
  });
});
