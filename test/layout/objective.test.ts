import { describe, expect, test } from 'vitest';
import { formatParallelism, planLayout } from '../../src/layout/index.ts';
import type { GroupSpec, Objective } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

function chosen(nodes: number, objective: Objective, rest: Partial<GroupSpec> = {}) {
  const spec = aSpec({
    pools: [aPool({ nodes })],
    groups: [aGroup({ nodes, parallelism: 'auto', kvCache: 'fp8', objective, ...rest })],
  });
  const [group] = planLayout(spec).groups;
  if (group?.kind !== 'placed') throw new Error(`refused: ${JSON.stringify(group)}`);
  const notes = new Map(group.notes.map(({ code, message }) => [code, message]));
  return { layout: formatParallelism(group.parallelism), notes };
}

describe('parallelism: auto with an objective', () => {
  test.each([
    { nodes: 1, objective: 'throughput' as const, expected: 'TP2 x DP4 + EP8' },
    { nodes: 2, objective: 'throughput' as const, expected: 'TP1 x DP16 + EP16' },
    { nodes: 4, objective: 'throughput' as const, expected: 'TP1 x DP32 + EP32' },
    { nodes: 1, objective: 'latency' as const, expected: 'TP8' },
  ])('$objective on $nodes nodes is $expected', ({ nodes, objective, expected }) => {
    expect(chosen(nodes, objective).layout).toBe(expected);
  });

  test('says why, and what more nodes or draft tokens would change', () => {
    const { notes } = chosen(1, 'throughput');
    expect(notes.get('LAYOUT_CHOSEN')).toMatch(
      /most output tokens per second at up to 100 ms a token,.* of \d+ layouts/,
    );
    expect(notes.get('LAYOUT_ALTERNATIVES')).toMatch(/2 nodes a copy: x \d.*mtpTokens: 1/);
    expect(notes.get('LAYOUT_ALTERNATIVES')).not.toContain('kvCache');
  });

  test('offers an FP8 cache to a group that has none', () => {
    const { notes } = chosen(1, 'throughput', { kvCache: 'bf16' });
    expect(notes.get('LAYOUT_ALTERNATIVES')).toContain('kvCache: fp8');
  });

  test('warns of limits that nothing keeps, and takes the layout that misses them least', () => {
    const { notes } = chosen(1, { tpotMs: 1, concurrency: 64 });
    expect(notes.get('LAYOUT_LIMITS_UNREACHABLE')).toMatch(/by a factor of \d/);
  });

  test('holds a longer context than the group when the objective wants one', () => {
    const limits = { concurrency: 4, contextTokens: 163_840 };
    expect(chosen(1, limits, { contextTokens: 8192 }).layout).toMatch(/^TP/);
  });
});
