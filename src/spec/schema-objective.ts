import { z } from 'zod';
import { field, pattern, wholeNumber } from './fields.ts';

/** Tokens as a number or, with K, in units of 1024. */
export const tokenCount = field(
  z.union([
    wholeNumber(1, 16_777_216),
    pattern(
      /^(?:[1-9]\d{0,3}|1[0-5]\d{3}|16[0-2]\d{2}|163[0-7]\d|1638[0-4])K$/,
      'tokens with K for 1024',
    ),
  ]),
  {
    expects: 'a positive number of tokens, up to 16384K',
    fix: 'Write 131072 or 128K, where K is 1024.',
  },
);

const milliseconds = field(z.number().positive().max(3_600_000), {
  expects: 'milliseconds, above 0',
});

const limits = field(
  z.strictObject({
    tpotMs: field(milliseconds, {
      description: 'Most milliseconds between two tokens of a sequence, median.',
      examples: [50],
    }).exactOptional(),
    ttftMs: field(milliseconds, {
      description: 'Most milliseconds to the first token, median.',
      examples: [2000],
    }).exactOptional(),
    concurrency: field(wholeNumber(1, 1_000_000), {
      description: 'Requests in flight at once, over all copies of the group.',
      examples: [64],
    }),
    context: field(tokenCount, {
      description: 'Longest request the layout must hold. That of the group when absent.',
      examples: ['128K'],
    }).exactOptional(),
    inputTokens: field(wholeNumber(1, 1_000_000), {
      description: 'Mean prompt length.',
      examples: [4096],
    }).exactOptional(),
    outputTokens: field(wholeNumber(1, 1_000_000), {
      description: 'Mean answer length.',
      examples: [512],
    }).exactOptional(),
  }),
  {
    description: 'Limits the service must keep on the fewest nodes.',
    examples: [{ tpotMs: 50, ttftMs: 2000, concurrency: 64 }],
  },
);

/** The `objective` of a group. */
export const objectiveSchema = field(z.union([z.enum(['throughput', 'latency']), limits]), {
  description:
    'What parallelism: auto looks for. When absent, layouts with evidence come first, then throughput.',
  examples: ['throughput', { tpotMs: 50, ttftMs: 2000, concurrency: 64, context: '128K' }],
  expects: 'throughput, latency, or limits such as { tpotMs: 50, concurrency: 64 }',
});
