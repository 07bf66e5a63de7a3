import { formatCount } from '../../units/index.ts';

/** Requests a group is to serve; mean lengths in tokens. */
export interface Workload {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Requests in flight in the whole group. */
  readonly concurrency: number;
  /**
   * Width of the length distribution, as a fraction of the mean: uniform between plus and minus
   * half of it.
   *
   * @default 0.2
   */
  readonly lengthSpread?: number;
  /**
   * Share of prompt tokens found in the prefix cache, 0 to 1.
   *
   * @default 0
   */
  readonly prefixHitRatio?: number;
  /**
   * Draft tokens of the MTP module.
   *
   * @default 0
   */
  readonly mtpTokens?: number;
  /**
   * Chance that one more draft token is accepted.
   *
   * @default 0.8
   */
  readonly draftAcceptance?: number;
}

/**
 * Tokens one sequence gains in a step with `draftTokens` drafts.
 *
 * @source 1 + a + a^2 + ...; V3.2 on 8 x B300: MTP1 gives 234 instead of 125 tokens per second, a
 * = 0.87 at batch 1 (vLLM blog, May 2026)
 */
export function tokensPerStep(draftTokens: number, acceptance: number): number {
  let gained = 1;
  for (let draft = 1; draft <= draftTokens; draft += 1) gained += acceptance ** draft;
  return gained;
}

export interface WorkloadIssue {
  readonly field: keyof Workload;
  readonly value: number;
  /** What the value has to be. */
  readonly expects: string;
}

/** Values no model can serve: negative, fractional, or longer than the context. */
export function workloadIssues(workload: Workload, contextTokens: number): WorkloadIssue[] {
  const { inputTokens, outputTokens } = workload;
  const counts = ['inputTokens', 'outputTokens', 'concurrency'] as const;
  const shares = ['prefixHitRatio', 'draftAcceptance', 'lengthSpread'] as const;
  return [
    ...counts.flatMap((field) => {
      const value = workload[field];
      return value >= 1 && Number.isFinite(value) ? [] : [{ field, value, expects: '1 or more' }];
    }),
    ...shares.flatMap((field) => {
      const value = workload[field] ?? 0;
      return value >= 0 && value <= 1 ? [] : [{ field, value, expects: 'from 0 to 1' }];
    }),
    ...(inputTokens + outputTokens > contextTokens
      ? [
          {
            field: 'inputTokens' as const,
            value: inputTokens,
            expects: `together with the output at most the context of ${formatCount(contextTokens)} tokens`,
          },
        ]
      : []),
  ];
}
