import type { ModelAbilities } from '../../catalog/index.ts';
import type { ReasoningField } from '../../engines/index.ts';
import type { MetricsReading } from '../engine/engine-metrics.ts';
import type { Check, Measurements } from '../report.ts';
import type { ExpectedSpeed } from '../speed/expected-speed.ts';

/** What the questions and the judges know about the endpoint. */
export interface CanaryContext {
  /** Name requests are sent to. */
  readonly model: string;
  /** Field of an answer that holds the thoughts. */
  readonly reasoningField: ReasoningField;
  readonly abilities: ModelAbilities;
  /** Whether the spec has an API key. */
  readonly hasKey: boolean;
  /** Longest request the group takes. */
  readonly contextTokens: number;
  /** About how many tokens the needle is hidden in. */
  readonly needleTokens: number;
  /** Whether the group keeps prefixes. */
  readonly keepsPrefixes: boolean;
  /** How fast one request is to be answered, where there is an estimate. */
  readonly expectedSpeed?: ExpectedSpeed;
  /** Command that shows the log of the pod. */
  readonly logsCommand: string;
}

/** One chat completion to ask for; what is not said is the same for all: the model and temperature 0. */
export interface CanaryRequest {
  readonly body: Readonly<Record<string, unknown>>;
  /** @default 'right' */
  readonly key?: 'right' | 'wrong' | 'none';
  /**
   * Sent to the first data-parallel rank, so that two requests meet the same cache.
   *
   * @default false
   */
  readonly pinned?: boolean;
  /** Seconds beyond the usual time-out, for requests that are long. */
  readonly extraSeconds?: number;
}

/** What came back for one request. */
export interface CanaryAnswer {
  readonly status: number;
  readonly body: string;
  /** Characters of the body that had arrived, in order of time. */
  readonly arrivals: readonly Arrival[];
  /** From sending the request to the end of the answer. */
  readonly tookMs: number;
}

export interface Arrival {
  readonly afterMs: number;
  readonly characters: number;
}

export interface Finding {
  readonly outcome: Check['outcome'];
  readonly detail: string;
  /** What a user of the API notices. */
  readonly impact?: string;
  readonly warning?: string;
  readonly advice?: string;
  readonly measured?: Measurements;
}

/** What a judge sees: one answer per request, all with status 200 unless the case wants others. */
export interface CanaryEvidence {
  readonly answers: readonly CanaryAnswer[];
  readonly context: CanaryContext;
  /** Metrics around the requests, for cases that look at them. */
  readonly metrics?: { readonly before: MetricsReading; readonly after: MetricsReading };
}

/** One question with a checkable answer. Read-only, and bounded in tokens by its requests. */
export interface CanaryCase {
  /** Stable. */
  readonly id: string;
  /** Why the case does not apply, if it does not. */
  readonly skip?: (context: CanaryContext) => string | undefined;
  /** What answers to earlier cases settle already, if they do, so that nobody waits for it again. */
  readonly settled?: (
    earlier: readonly CanaryAnswer[],
    context: CanaryContext,
  ) => Finding | undefined;
  readonly requests: (context: CanaryContext) => readonly CanaryRequest[];
  readonly judge: (evidence: CanaryEvidence) => Finding;
  /** What a user notices when the requests are not answered at all. */
  readonly impact: string;
  /**
   * Whether a status other than 200 is what the judge wants to see.
   *
   * @default false
   */
  readonly judgesStatus?: boolean;
  /** @default false */
  readonly readsMetrics?: boolean;
}

export function pass(detail: string, measured?: Measurements): Finding {
  return { outcome: 'passed', detail, ...(measured === undefined ? {} : { measured }) };
}

export function fail(
  detail: string,
  { impact, advice }: { readonly impact: string; readonly advice: string },
): Finding {
  return { outcome: 'failed', detail, impact, advice };
}
