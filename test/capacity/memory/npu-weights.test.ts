import { describe, expect, test } from 'vitest';
import { attentionCut } from '../../../src/capacity/memory/attention-cut.ts';
import { matrixBytes } from '../../../src/capacity/memory/tensor-bytes.ts';
import { type WeightOptions, weightTerms } from '../../../src/capacity/memory/weights.ts';
import { cut, model } from '../catalog-rows.ts';

const v32 = model('vllm-ascend/DeepSeek-V3.2-W8A8');
const glm = model('Eco-Tech/GLM-5.1-w8a8');

function bytesOf(name: string, options: Partial<WeightOptions>, row = v32): number {
  const terms = weightTerms(row, cut(8, 2), { mtp: true, ...options });
  return terms.find((term) => term.name === name)?.bytes ?? 0;
}

describe('what vllm-ascend does with the weights of one rank', () => {
  test('FlashComm 1 leaves the shared expert whole', () => {
    const values = 58 * 3 * 7168 * 2048;
    const whole = bytesOf('shared expert', { npu: { flashComm: true } });
    expect(whole / values).toBeCloseTo(1, 2);
    expect(bytesOf('shared expert', {}) / values).toBeCloseTo(1 / 8, 2);
  });

  test('the fused kernel has copies of q_a, kv_a and q_b of all 61 layers', () => {
    const copies = bytesOf('query and latent projections copied for a fused kernel', {
      npu: { fusedPreprocess: true },
    });
    const values = 7168 * (1536 + 576) + 1536 * (128 / 8) * 192;
    expect(copies / 61 / values).toBeCloseTo(1, 2);
  });

  test('the fused kernel has none where sparse attention is split by tokens', () => {
    const npu = { fusedPreprocess: true, contextParallel: 'mixed' } as const;
    expect(bytesOf('query and latent projections copied for a fused kernel', { npu })).toBe(0);
  });

  test('a rotated draft module keeps its head where the engine compares it', () => {
    const kept = bytesOf('MTP module', { keepsDraftHead: true }) - bytesOf('MTP module', {});
    expect(kept).toBe((2 * 129_280 * 7168) / 8);
  });

  test('the draft module of GLM-5.1 is in BF16', () => {
    const plain = { ...glm, weightFormat: 'bf16' } as const;
    expect(bytesOf('MTP module', {}, glm)).toBe(bytesOf('MTP module', {}, plain));
  });
});

describe('attentionCut()', () => {
  test.each([
    { what: 'by heads', npu: {}, expected: { query: 16, up: 16, output: 16 } },
    {
      what: 'by tokens on a server that prefills',
      npu: { contextParallel: 'prefill' },
      expected: { query: 1, up: 1, output: 1 },
    },
    {
      what: 'with q_b spread by layers: 5 of 78 and two windows',
      npu: { contextParallel: 'prefill', shardsQueryByLayer: true },
      expected: { query: 78 / 7, up: 1, output: 1 },
    },
  ] as const)('$what', ({ npu, expected }) => {
    expect(attentionCut({ layers: 78 }, 16, npu)).toEqual(expected);
  });

  test('a server that decodes, too, gathers the whole o into one buffer for all layers', () => {
    const { output } = attentionCut({ layers: 78 }, 16, { contextParallel: 'mixed' });
    expect(78 / output).toBeCloseTo(78 / 16 + 1);
  });
});

test('INT4 by channel takes half a byte and 16 for each row', () => {
  expect(matrixBytes('int4-channel', 4096, 6144)).toBe((4096 * 6144) / 2 + 16 * 4096);
});
