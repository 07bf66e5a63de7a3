import { z } from 'zod';
import { field, pattern, sizeUpTo, wholeNumber } from './fields.ts';

/** More than any device holds. */
const byteQuantity = sizeUpTo('4Ti');

/** Ways an engine lays one token out in its cache; the compiler holds them against `src/capacity`. */
export const cacheLayouts = [
  'bf16',
  'fp8-ds-mla',
  'fp8-plain',
  'ascend-bf16',
  'ascend-bf16-li-c8',
  'ascend-c8',
  'bf16-padded-1280',
  'mha-bf16',
] as const;

export type CacheLayout = (typeof cacheLayouts)[number];

const logSize = 'Copy it from the start-up log; logs print GiB, SGLang under the name GB.';

const measured = field(
  z.strictObject({
    deviceMemory: field(byteQuantity, {
      description: 'Total memory of one device, as the engine sees it.',
      examples: ['139.8Gi'],
      find: logSize,
    }).exactOptional(),
    freeDeviceMemory: field(byteQuantity, {
      description: 'Memory free before the weights load; SGLang sizes its cache from it.',
      examples: ['137.94Gi'],
      find: 'Look for "Load weight begin. avail mem=" in the log of SGLang; its GB are Gi.',
    }).exactOptional(),
    weights: field(byteQuantity, {
      description: 'Weights of one rank, tables made by the loader included.',
      examples: ['80.63Gi'],
      find: 'Look for "Model loading took" (vLLM) or "Load weight end" (SGLang) in the log.',
    }).exactOptional(),
    overhead: field(byteQuantity, {
      description: 'All an engine counts besides weights and cache.',
      examples: ['7.5Gi'],
      find: 'Take utilisation x total memory, less weights, less "Available KV cache memory".',
    }).exactOptional(),
  }),
  {
    description: 'What a start-up log of this group states, in place of the computed value.',
    examples: [{ freeDeviceMemory: '137.94Gi' }],
  },
);

const replay = field(
  z.strictObject({
    release: field(pattern(/^\d+\.\d+(?:\.\d+)?[\w.]*$/, 'a release such as 0.16.0'), {
      description: 'Release whose memory arithmetic to follow, known to the catalog or not.',
      examples: ['0.16.0'],
    }).exactOptional(),
    blockTokens: field(wholeNumber(1, 4096), {
      description: 'Tokens of one cache block (page).',
      examples: [64],
    }).exactOptional(),
    cacheLayout: field(z.enum(cacheLayouts), {
      description: 'How one token lies in the cache.',
    }).exactOptional(),
  }),
  {
    description:
      'What a published log states and dsdeploy would choose otherwise. For `fit` alone: a group with this key is not deployed.',
    examples: [{ release: '0.16.0', blockTokens: 64 }],
  },
);

/** The `memory` mapping of a group. */
export const memorySchema = field(
  z.strictObject({ measured: measured.exactOptional(), replay: replay.exactOptional() }),
  {
    description: 'Facts about memory that replace computed ones.',
    examples: [{ measured: { freeDeviceMemory: '137.94Gi' } }],
  },
);
