import type { FitRank, FitRequest } from './fit-request.ts';
import type { KvLayout } from './kv-cache.ts';

/** One change of settings that makes a layout fit, everything else kept. */
export type Fix =
  | { readonly change: 'context'; readonly contextTokens: number }
  | { readonly change: 'cache'; readonly kvLayout: KvLayout }
  | { readonly change: 'utilization'; readonly utilization: number }
  | { readonly change: 'batched-tokens'; readonly batchedTokens: number }
  | { readonly change: 'no-mtp' };

/** Shorter contexts are no answer to anyone. */
const shortestContextTokens = 4096;

/** Fractions beyond this leave nothing for what the engine does not count. */
const highestUtilization = 0.95;

/**
 * Single changes after which a request that does not fit would, least painful first; empty when no
 * single change helps and it takes more devices.
 *
 * @param smallerCaches layouts the engine offers beside the one asked for, in order of preference
 */
export function findFixes(
  request: FitRequest,
  fit: FitRank,
  smallerCaches: readonly KvLayout[] = [],
): Fix[] {
  return candidates(request, fit, smallerCaches).filter(
    (fix) => fit({ ...request, ...changedBy(fix, request) }).fits,
  );
}

function candidates(request: FitRequest, fit: FitRank, smallerCaches: readonly KvLayout[]): Fix[] {
  const { step, mtpTokens, utilization } = request;
  const contextTokens = largestContext(request, fit);
  return [
    ...smallerCaches.map((kvLayout) => ({ change: 'cache' as const, kvLayout })),
    ...[4096, 2048]
      .filter((batchedTokens) => step !== undefined && batchedTokens < step.batchedTokens)
      .map((batchedTokens) => ({ change: 'batched-tokens' as const, batchedTokens })),
    ...(contextTokens === undefined ? [] : [{ change: 'context' as const, contextTokens }]),
    ...(mtpTokens > 0 ? [{ change: 'no-mtp' as const }] : []),
    ...(utilization < highestUtilization
      ? [{ change: 'utilization' as const, utilization: highestUtilization }]
      : []),
  ];
}

/** The settings of a fit that a fix replaces. */
function changedBy(fix: Fix, { step }: FitRequest): Partial<FitRequest> {
  switch (fix.change) {
    case 'context':
      return { contextTokens: fix.contextTokens };
    case 'cache':
      return { kvLayout: fix.kvLayout };
    case 'utilization':
      return { utilization: fix.utilization };
    case 'no-mtp':
      return { mtpTokens: 0 };
    case 'batched-tokens':
      return step === undefined ? {} : { step: { ...step, batchedTokens: fix.batchedTokens } };
  }
}

/** Longest context below the one asked for that fits, a multiple of 1024; undefined when none does. */
export function largestContext(request: FitRequest, fit: FitRank): number | undefined {
  const fits = (blocks: number) => fit({ ...request, contextTokens: blocks * 1024 }).fits;
  let low = shortestContextTokens / 1024;
  let high = Math.floor((request.contextTokens - 1) / 1024);
  if (high < low || !fits(low)) return undefined;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low * 1024;
}
