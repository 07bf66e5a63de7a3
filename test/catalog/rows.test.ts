import { describe, expect, test } from 'vitest';
import {
  accelerators,
  findAccelerator,
  findEnvironment,
  findMemoryBehaviour,
  findModel,
  findRegistry,
  findRelease,
  measurements,
  memoryBehaviours,
  models,
  timeConstants,
  weightFormats,
} from '../../src/catalog/index.ts';

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

describe('catalog rows', () => {
  test.each([
    { what: 'models', ids: idsOf(models) },
    { what: 'accelerators', ids: idsOf(accelerators) },
    { what: 'measurements', ids: idsOf(measurements) },
  ])('$what have ids of their own', ({ ids }) => {
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('the models of DeepSeek, Moonshot and Zhipu that published logs name are there', () => {
    expect(idsOf(models)).toEqual(
      expect.arrayContaining([
        'deepseek-ai/DeepSeek-V3',
        'deepseek-ai/DeepSeek-R1',
        'deepseek-ai/DeepSeek-V3.1',
        'deepseek-ai/DeepSeek-V3.2',
        'deepseek-ai/DeepSeek-V3.2-Exp',
        'deepseek-ai/DeepSeek-V3.2-Speciale',
        'moonshotai/Kimi-K2-Instruct',
        'moonshotai/Kimi-K2.5',
        'moonshotai/Kimi-K2.6',
        'RedHatAI/Kimi-K2-Instruct-quantized.w4a16',
        'zai-org/GLM-5.2-FP8',
        'zai-org/GLM-5.3',
      ]),
    );
  });

  test.each(accelerators)('$id has plausible rates and a source for each', (row) => {
    const { peak } = row;
    expect(row.source).not.toBe('');
    expect(peak.source).not.toBe('');
    expect(row.freeBytes ?? 0).toBeLessThan(row.memoryBytes);
    // Four to a hundred operations a byte per millisecond: outside, a unit is wrong.
    const intensity = peak.eightBitFlops / peak.memoryBytesPerSecond;
    expect(intensity).toBeGreaterThan(50);
    expect(intensity).toBeLessThan(1000);
    expect(peak.eightBitFlops).toBeGreaterThan(1.9 * peak.bf16Flops);
    expect(peak.networkBytesPerSecond).toBeLessThan(peak.linkBytesPerSecond);
    expect(peak.watts).toBeGreaterThan(200);
  });

  test('Ascend A2 and A3 have no FP8', () => {
    for (const id of ['ascend-a2', 'ascend-a3', 'ascend-910b4']) {
      expect(findAccelerator(id)?.peak.eightBitKind).toBe('int8');
    }
  });

  test.each(models)('$id names a weight format and where its numbers come from', (row) => {
    expect(weightFormats[row.weightFormat].id).toBe(row.weightFormat);
    expect(row.source).not.toBe('');
    expect(row.architecture.attentionHeads % 8).toBe(0);
  });

  test.each(measurements)('$id refers to rows of the catalog', (row) => {
    expect(findModel(row.model)).toBeDefined();
    expect(findAccelerator(row.device)).toBeDefined();
    expect(row.source).not.toBe('');
  });

  test.each(timeConstants)('constants of $engine on $device refer to measurements', (row) => {
    expect(findAccelerator(row.device)).toBeDefined();
    expect(measurements.some(({ id }) => id.startsWith(row.fittedOn))).toBe(true);
  });
});

describe('a release of vllm-ascend', () => {
  test.each([
    { version: '0.25.1rc1', host: '0.25.1' },
    { version: '0.23.0.post1', host: '0.23.0' },
    { version: '0.23.0', host: '0.23.0' },
  ])('$version takes the arguments, variables and names of vLLM $host', ({ version, host }) => {
    const plugIn = { engine: 'vllm-ascend', version } as const;
    const below = { engine: 'vllm', version: host } as const;
    expect(findRelease('vllm-ascend', version)?.arguments).toEqual(
      findRelease('vllm', host)?.arguments,
    );
    expect(findEnvironment(plugIn)).toEqual(
      expect.arrayContaining([...(findEnvironment(below) ?? ['missing'])]),
    );
    expect(findRegistry(plugIn)).toMatchObject(findRegistry(below) ?? { missing: true });
  });
});

describe('findMemoryBehaviour()', () => {
  test.each([
    { engine: 'vllm', version: '0.33.0', since: '0.33.0' },
    { engine: 'vllm', version: '0.25.1', since: '0.22.0' },
    { engine: 'vllm', version: '0.18.1', since: '0.18.0' },
    { engine: 'vllm', version: '0.20.2', since: '0.20.0' },
    { engine: 'vllm', version: '0.16.0', since: '0.11.1' },
    { engine: 'vllm', version: '0.11.0', since: '0.8.0' },
    { engine: 'vllm', version: '0.7.2', since: '0.7.1' },
    { engine: 'vllm', version: '0.6.6', since: '0.0.0' },
    { engine: 'sglang', version: '0.4.3', since: '0.0.0' },
    { engine: 'sglang', version: '0.4.10.post1', since: '0.4.10' },
    { engine: 'sglang', version: '0.5.6.post2', since: '0.5.4' },
    { engine: 'sglang', version: '0.5.23', since: '0.5.23' },
    { engine: 'vllm-ascend', version: '0.23.0rc1', since: '0.15.0' },
    { engine: 'vllm-ascend', version: '0.14.0rc1', since: '0.0.0' },
  ] as const)('$engine $version follows the row since $since', ({ engine, version, since }) => {
    expect(findMemoryBehaviour(engine, version)?.since).toBe(since);
  });

  test('rows of one engine come newest first', () => {
    for (const engine of ['vllm', 'sglang'] as const) {
      const found = memoryBehaviours.filter((row) => row.engine === engine);
      const picked = found.map(({ since }) => findMemoryBehaviour(engine, since)?.since);
      expect(picked).toEqual(found.map(({ since }) => since));
    }
  });
});
