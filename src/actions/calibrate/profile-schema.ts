import { z } from 'zod';
import type { SiteProfileDocument } from '../../capacity/index.ts';

const positive = z.number().positive();
const bytes = z.number().positive().max(1e15);
const range = z.tuple([positive, positive]).readonly();
const share = z.number().gt(0).max(1.5);

const sharding = z.strictObject({
  tensor: z.int().min(1),
  data: z.int().min(1),
  pipeline: z.int().min(1),
  expert: z.boolean(),
});

const memoryEntry = z.strictObject({
  engine: z.string(),
  release: z.string(),
  model: z.string(),
  device: z.string(),
  sharding,
  settings: z.strictObject({
    contextTokens: z.int().min(1),
    batchedTokens: z.int().min(1).exactOptional(),
    mtpTokens: z.int().min(0),
  }),
  freeBytes: bytes.exactOptional(),
  weightsBytes: bytes.exactOptional(),
  overheadBytes: z.number().max(1e15).exactOptional(),
  source: z.string(),
});

const timeRow = z.strictObject({
  engine: z.string(),
  device: z.string(),
  layoutClass: z.enum(['tensor', 'spread']),
  constants: z.strictObject({
    stepMs: positive,
    memoryEfficiency: share,
    prefillEfficiency: share,
    firstTokenMs: z.number().min(0),
    firstTokenSteps: z.number().min(0),
  }),
  error: z.strictObject({ tpot: z.number().min(0), ttft: z.number().min(0) }),
  range: z.strictObject({
    models: z.array(z.string()).min(1).readonly(),
    inputTokens: range,
    concurrency: range,
  }),
  fittedOn: z.string(),
  source: z.string(),
});

/** A site profile as `calibrate` writes it; nothing else is taken for one. */
export const profileSchema: z.ZodType<SiteProfileDocument> = z.strictObject({
  apiVersion: z.literal('dsdeploy/v1'),
  kind: z.literal('SiteProfile'),
  name: z.string().min(1),
  memory: z.array(memoryEntry).readonly(),
  time: z.array(timeRow).readonly(),
});
