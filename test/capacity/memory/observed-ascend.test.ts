import { describe, expect, test } from 'vitest';
import { type LogStatement, replayStartup } from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, model, r1 } from '../catalog-rows.ts';

/** W8A8 on 16 x 910B at DP4 x TP4 with spread experts. */
const onA2: LogStatement = {
  engine: 'vllm-ascend',
  release: '0.9.1',
  model: { ...r1, weightFormat: 'w8a8' },
  accelerator: accelerator('ascend-a2'),
  sharding: cut(4, 4),
  kvLayout: 'ascend-bf16',
  fraction: 0.92,
  contextTokens: 16_384,
  batchedTokens: 4096,
  blockTokens: 128,
};

/** GLM-5.1 in W8A8 at DP2 x TP16 on two A3 nodes. */
const onA3: LogStatement = {
  ...onA2,
  release: '0.18.0',
  model: model('Eco-Tech/GLM-5.1-w8a8'),
  accelerator: accelerator('ascend-a3'),
  sharding: cut(16, 2),
};

/** GLM-5 in W4A8 at DP2 x TP8 on 16 x 910B2, the flags of the guide its log names. */
const w4a8: LogStatement = {
  ...onA2,
  release: '0.14.0',
  model: model('Eco-Tech/GLM-5-w4a8'),
  sharding: cut(8, 2),
  fraction: 0.95,
  contextTokens: 131_072,
  mtpTokens: 3,
};

function value(statement: LogStatement, name: string): number {
  const { lines } = replayStartup(statement);
  return lines.find((line) => line.name === name)?.value ?? Number.NaN;
}

describe('weights of vllm-ascend agree with published logs within 1.5 %', () => {
  test.each([
    { log: 'vllm-ascend#2191, V3 under 0.9.1rc2', statement: onA2, observed: 44.1591 },
    {
      // Its attention is taken for dynamic W8A8, with which the fused kernel it asks for is off.
      log: 'vllm-ascend#5629, V3.1-Terminus under 0.13.0rc1 with its draft module',
      statement: { ...onA2, release: '0.13.0', mtpTokens: 3 },
      observed: 45.6571,
    },
    {
      log: 'vllm-ascend#9447, GLM-5.1 under 0.18 with its draft module, taken for DP2',
      statement: { ...onA3, mtpTokens: 3, npu: { fusedPreprocess: true } },
      observed: 26.4758,
    },
    {
      // Two of 16 ranks hold 32 MiB less: one whole `q_b` of the 78 that are spread by layers. No draft
      // module is loaded between two of its lines a second apart.
      log: 'vllm-ascend#9422, GLM-5.1 on a server that prefills, sparse attention split by tokens',
      statement: {
        ...onA3,
        npu: { flashComm: true, contextParallel: 'prefill', shardsQueryByLayer: true },
      },
      observed: 35.9682,
    },
    {
      log: 'vllm-ascend#6847, GLM-5 in W4A8 under 0.14.0rc2 with its draft module',
      statement: w4a8,
      observed: 27.4936,
    },
  ] as const)('$log', ({ statement, observed }) => {
    expect(Math.abs(value(statement, 'weights') / gib / observed - 1)).toBeLessThan(0.015);
  });
});

describe('the cache of vllm-ascend#6847', () => {
  test.each([
    { weights: 'as its log states them', measured: { weightsBytes: 27.4936 * gib, source: 'log' } },
    { weights: 'as they are computed', measured: undefined },
  ])('is met within 1 % with the weights $weights', ({ measured }) => {
    const statement = measured === undefined ? w4a8 : { ...w4a8, measured };
    expect(Math.abs(value(statement, 'kv-tokens') / 249_216 - 1)).toBeLessThan(0.01);
  });

  test('holds as many tokens as its bytes say', () => {
    const { memory } = replayStartup(w4a8);
    expect(Math.floor(27_732_827_136 / memory.kvBytesPerToken / 128) * 128).toBe(249_216);
  });
});
