import type { MemoryEngine } from '../../catalog/index.ts';
import { gibibyte } from '../../units/index.ts';

/** Memory facts of one start-up, of the rank that has least room; bytes. */
export interface StartupLog {
  readonly engine: MemoryEngine;
  /** Free before the weights load (SGLang). */
  readonly freeBytes?: number;
  /** Of the model itself. */
  readonly weightsBytes?: number;
  /** Of a draft module that is loaded apart (SGLang). */
  readonly draftWeightsBytes?: number;
  readonly availableKvBytes?: number;
  readonly kvTokens?: number;
  readonly contextTokens?: number;
  readonly graphBytes?: number;
}

export type StartupLogResult =
  | { readonly kind: 'parsed'; readonly log: StartupLog }
  | {
      readonly kind: 'refused';
      /** No line of this engine's memory report, or too few of them to use. */
      readonly reason: 'not-a-startup-log' | 'incomplete';
      readonly missing: readonly string[];
    };

type Quantity = Exclude<keyof StartupLog, 'engine'>;

interface LinePattern {
  readonly quantity: Quantity;
  /** The first group is the number. */
  readonly pattern: RegExp;
  readonly factor: number;
  /** Which of several ranks' lines counts: the one that leaves least room. */
  readonly keep: 'least' | 'most';
  /** Whether only a rank's first line counts: a draft model prints its own later. */
  readonly isFirstOfRank?: boolean;
}

const tokens = '([\\d,]+)';
const decimal = '([\\d.]+)';

const vllmPatterns: readonly LinePattern[] = [
  pattern('weightsBytes', `Model loading took ${decimal} Gi?B`, 'most', gibibyte),
  pattern('weightsBytes', `model weights take ${decimal}GiB`, 'most', gibibyte),
  pattern('availableKvBytes', `Available KV cache memory: (-?[\\d.]+) GiB`, 'least', gibibyte),
  pattern('availableKvBytes', `reserved for KV Cache is ${decimal}GiB`, 'least', gibibyte),
  pattern('kvTokens', `(?:GPU|NPU) KV cache size: ${tokens} tokens`, 'least', 1),
  pattern('contextTokens', `Maximum concurrency for ${tokens} tokens per request`, 'most', 1),
  pattern('graphBytes', `Graph capturing finished in .*?took ${decimal} GiB`, 'most', gibibyte),
];

/** Of releases that print bytes, and weights under the name of older vLLM releases. */
const ascendPatterns: readonly LinePattern[] = [
  ...vllmPatterns,
  pattern('weightsBytes', `Loading model weights took ${decimal} GB`, 'most', gibibyte),
  pattern('availableKvBytes', `Available memory: ${tokens}, total memory`, 'least', 1),
];

const draftType = 'type=\\w*(?:NextN|Eagle|MTP)\\w*';

const sglangPatterns: readonly LinePattern[] = [
  {
    ...pattern('freeBytes', `Load weight begin\\. avail mem=${decimal} GB`, 'least', gibibyte),
    isFirstOfRank: true,
  },
  pattern(
    'weightsBytes',
    `Load weight end\\.(?!.*${draftType}).*mem usage=${decimal} GB`,
    'most',
    gibibyte,
  ),
  pattern(
    'draftWeightsBytes',
    `Load weight end\\..*${draftType}.*mem usage=${decimal} GB`,
    'most',
    gibibyte,
  ),
  pattern('availableKvBytes', `KV Cache is allocated\\..*KV size: ${decimal} GB`, 'most', gibibyte),
  pattern('kvTokens', `max_total_num_tokens=${tokens}`, 'least', 1),
  pattern('kvTokens', `KV Cache is allocated\\..*#tokens: ${tokens}`, 'least', 1),
  pattern('contextTokens', `context_len=${tokens}`, 'most', 1),
  pattern(
    'graphBytes',
    `Capture (?:cuda graph|(?:target )?(?:decode|verify) CUDA graph) end\\..*mem usage=${decimal} GB`,
    'most',
    gibibyte,
  ),
];

const patterns: Readonly<Record<MemoryEngine, readonly LinePattern[]>> = {
  vllm: vllmPatterns,
  'vllm-ascend': ascendPatterns,
  sglang: sglangPatterns,
};

const needed: readonly Quantity[] = ['weightsBytes', 'kvTokens'];

/**
 * Reads the memory lines of a start-up log. Logs print GiB, SGLang under the name GB.
 *
 * @source vllm gpu_worker.py, kv_cache_utils.py; vllm-ascend model_runner_v1.py, worker.py; sglang
 * model_runner.py, memory_pool.py
 */
export function parseStartupLog(text: string, engine: MemoryEngine): StartupLogResult {
  const found = quantitiesIn(text, patterns[engine]);
  const missing = needed.filter((quantity) => !found.has(quantity));
  if (found.size === 0) return { kind: 'refused', reason: 'not-a-startup-log', missing };
  if (missing.length > 0) return { kind: 'refused', reason: 'incomplete', missing };
  return { kind: 'parsed', log: { engine, ...(Object.fromEntries(found) as Quantities) } };
}

function quantitiesIn(text: string, known: readonly LinePattern[]): Map<Quantity, number> {
  const found = new Map<Quantity, number>();
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    for (const { quantity, pattern: regex, factor, keep, isFirstOfRank } of known) {
      const value = numberIn(regex.exec(line)?.[1]);
      const rank = `${quantity} ${rankOf(line)}`;
      if (value === undefined || (isFirstOfRank === true && seen.has(rank))) continue;
      seen.add(rank);
      const choose = keep === 'least' ? Math.min : Math.max;
      found.set(quantity, choose(found.get(quantity) ?? value * factor, value * factor));
    }
  }
  return found;
}

type Quantities = Readonly<Partial<Record<Quantity, number>>>;

/** ` DP0 TP3` of `[2026-11-20 08:11:24 DP0 TP3] ...`, also after a prefix; empty where there is one rank. */
function rankOf(line: string): string {
  return /\[[^[\]]*?((?: (?:DP|PP|TP|EP)\d+)+)\]/.exec(line)?.[1] ?? '';
}

function pattern(
  quantity: Quantity,
  source: string,
  keep: LinePattern['keep'],
  factor: number,
): LinePattern {
  return { quantity, pattern: new RegExp(source), factor, keep };
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.replaceAll(',', ''));
  return Number.isFinite(value) ? value : undefined;
}
