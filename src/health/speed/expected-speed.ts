import { type Estimate, estimateServing, type Workload } from '../../capacity/index.ts';
import {
  builtInCatalog,
  fitRequestOf,
  groupFacts,
  type PlacedGroup,
  questionFor,
} from '../../layout/index.ts';
import type { Spec } from '../../spec/index.ts';
import type { Measurements, SpeedRange } from '../report.ts';

/** What the question about speed costs, about: its prompt and an answer of twenty numbers. */
export const speedQuestion = { inputTokens: 32, outputTokens: 60 } as const;

/** How fast one request is to be answered, as far as the model of capacity knows. */
export type ExpectedSpeed = Pick<Measurements, 'expectedTtftMs' | 'expectedOutputTokensPerSecond'>;

/** How many times beyond its band a number has to be before anybody is told. */
const farFactor = 2;

/** Milliseconds the way through the API server may add to the first word. */
const wayMs = 1_000;

/**
 * Estimates the speed of one request to a group that serves others meanwhile; `undefined` when there
 * is no estimate for its devices.
 */
export function expectedSpeed(
  spec: Spec,
  group: PlacedGroup,
  requestsRunning: number,
): ExpectedSpeed | undefined {
  const facts = groupFacts(spec, group.spec, builtInCatalog);
  const { kvLayout } = fitRequestOf(facts, questionFor(facts, group.parallelism));
  const { model, accelerator } = facts;
  const workload: Workload = {
    ...speedQuestion,
    concurrency: Math.max(1, Math.round(requestsRunning) + 1),
    mtpTokens: group.spec.mtpTokens,
  };
  const estimate = estimateServing({
    engine: group.spec.engine,
    placement: { model, accelerator, layout: group.parallelism, kvLayout },
    workload,
    memory: group.memory,
  });
  if (estimate.kind !== 'estimated') return undefined;
  return {
    expectedTtftMs: toRange(estimate.ttftMs),
    expectedOutputTokensPerSecond: toRange(inverted(estimate.tpotMs)),
  };
}

/** Tokens per second of one request from milliseconds per token: the slow end becomes the low one. */
function inverted({ p50, low, high, label }: Estimate): Omit<Estimate, 'source'> {
  return { p50: 1000 / p50, low: 1000 / high, high: 1000 / Math.max(low, 1e-3), label };
}

function toRange({ p50, low, high, label }: Omit<Estimate, 'source'>): SpeedRange {
  return { p50: round(p50), low: round(low), high: round(high), label };
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
}

/** Says what is far slower than expected; `undefined` when nothing is, or nothing is expected. */
export function findSlow(measured: Measurements): string | undefined {
  const { ttftMs, outputTokensPerSecond, expectedTtftMs, expectedOutputTokensPerSecond } = measured;
  const slow = [
    ...(ttftMs !== undefined &&
    expectedTtftMs !== undefined &&
    ttftMs > farFactor * expectedTtftMs.high + wayMs
      ? [`the first word took ${ttftMs} ms, expected are ${formatRange(expectedTtftMs)} ms`]
      : []),
    ...(outputTokensPerSecond !== undefined &&
    expectedOutputTokensPerSecond !== undefined &&
    outputTokensPerSecond < expectedOutputTokensPerSecond.low / farFactor
      ? [
          `${outputTokensPerSecond} tokens/s came, expected are ${formatRange(expectedOutputTokensPerSecond)}`,
        ]
      : []),
  ];
  return slow.length === 0 ? undefined : slow.join('; ');
}

/** Formats a range: `120 (90 to 160, extrapolated)`. */
export function formatRange({ p50, low, high, label }: SpeedRange): string {
  return `${p50} (${low} to ${high}, ${label})`;
}
