import { describe, expect, test } from 'vitest';
import { nearestKey, nearestName, toKubernetesName } from '../../src/spec/nearest.ts';

describe('nearestName()', () => {
  test.each([
    { name: 'namespce', valid: ['name', 'namespace'], expected: 'namespace' },
    { name: 'gpu_memory', valid: ['gpuMemory'], expected: 'gpuMemory' },
    { name: 'H200', valid: ['h200', 'mi355x'], expected: 'h200' },
    {
      name: 'DeepSeek-V3.2',
      valid: ['deepseek-ai/DeepSeek-V3.2'],
      expected: 'deepseek-ai/DeepSeek-V3.2',
    },
    { name: 'V3.2x', valid: ['a/V3.2x-fp4', 'a-long-name/V3.2x'], expected: 'a-long-name/V3.2x' },
    { name: 'banana', valid: ['name', 'nodes'], expected: undefined },
    { name: '', valid: ['name'], expected: undefined },
    { name: '***', valid: ['name'], expected: undefined },
  ])('finds $expected for "$name"', ({ name, valid, expected }) => {
    expect(nearestName(name, valid)).toBe(expected);
  });
});

describe('nearestKey()', () => {
  test.each([
    { key: 'tp', valid: ['tensor', 'data'], expected: 'tensor' },
    { key: 'max-model-len', valid: ['context'], expected: 'context' },
    { key: 'tp', valid: ['port'], expected: undefined },
    { key: 'constructor', valid: ['name'], expected: undefined },
  ])('finds $expected for "$key"', ({ key, valid, expected }) => {
    expect(nearestKey(key, valid)).toBe(expected);
  });
});

describe('toKubernetesName()', () => {
  test.each([
    { text: 'My_Pool 1', expected: 'my-pool-1' },
    { text: '8xH200', expected: 'xh200' },
    { text: '--a--', expected: 'a' },
  ])('turns "$text" into $expected', ({ text, expected }) => {
    expect(toKubernetesName(text)).toBe(expected);
  });
});
