import { type Workload, workloadIssues } from '../../capacity/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import type { Spec } from '../../spec/index.ts';

export interface WorkloadOptions {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Requests in flight in one copy; one row each. */
  readonly concurrency: readonly number[];
  readonly prefixHitRatio: number;
}

const optionOf: Readonly<Partial<Record<keyof Workload, string>>> = {
  inputTokens: '--input',
  outputTokens: '--output',
  concurrency: '--concurrency',
  prefixHitRatio: '--prefix-hit',
};

/** More requests at once than any deployment holds; beyond it a number is a slip. */
const mostRequests = 1_000_000;

/**
 * Rejects requests that nothing can serve.
 *
 * @throws DsdeployError `WORKLOAD_INVALID`, with every problem.
 */
export function checkWorkload(spec: Spec, options: WorkloadOptions): void {
  const { inputTokens, outputTokens, prefixHitRatio } = options;
  const shortest = Math.min(...spec.groups.map(({ contextTokens }) => contextTokens));
  const loads = options.concurrency.flatMap((concurrency) => {
    const workload = { inputTokens, outputTokens, concurrency, prefixHitRatio };
    return [...workloadIssues(workload, shortest), ...wholeNumbers(workload)];
  });
  // One line for each wrong value: what is far too long is no whole number up to a million either.
  const details = new Map<string, { readonly location: string; readonly message: string }>();
  for (const { field, value, expects } of loads) {
    const option = optionOf[field] ?? field;
    const key = `${option} ${value}`;
    if (details.has(key)) continue;
    details.set(key, { location: option, message: `is ${value}, and must be ${expects}` });
  }
  if (details.size === 0 && options.concurrency.length > 0) return;
  throw new DsdeployError('WORKLOAD_INVALID', 'Cannot estimate: nothing can serve these requests', {
    hint: 'Use for example --input 1024 --output 1024 --concurrency 4,16,64.',
    details: [...details.values()],
  });
}

function wholeNumbers(workload: Workload) {
  const { concurrency, inputTokens, outputTokens } = workload;
  return Object.entries({ concurrency, inputTokens, outputTokens }).flatMap(([field, value]) =>
    value >= 1 && (!Number.isInteger(value) || value > mostRequests)
      ? [{ field: field as keyof Workload, value, expects: `a whole number up to ${mostRequests}` }]
      : [],
  );
}
