import type { MemoryEngine } from '../catalog/index.ts';
import { gibibyte } from '../units/index.ts';

/** Memory facts of one start-up, of the rank that has least room; bytes. */
export interface StartupLog {
  readonly engine: MemoryEngine;
  /** Free before the weights load (SGLang). */
  readonly freeBytes?: number;
  readonly weightsBytes?: number;
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

const sglangPatterns: readonly LinePattern[] = [
  pattern('freeBytes', `Load weight begin\\. avail mem=${decimal} GB`, 'least', gibibyte),
  pattern('weightsBytes', `Load weight end\\..*mem usage=${decimal} GB`, 'most', gibibyte),
  pattern(
    'availableKvBytes',
    `KV Cache is allocated\\..*KV size: ${decimal} GB`,
    'least',
    gibibyte,
  ),
  pattern('kvTokens', `max_total_num_tokens=${tokens}`, 'least', 1),
  pattern('kvTokens', `KV Cache is allocated\\. #tokens: ${tokens}`, 'least', 1),
  pattern('contextTokens', `context_len=${tokens}`, 'most', 1),
  pattern('graphBytes', `Capture cuda graph end\\..*mem usage=${decimal} GB`, 'most', gibibyte),
];

const patterns: Readonly<Record<MemoryEngine, readonly LinePattern[]>> = {
  vllm: vllmPatterns,
  'vllm-ascend': vllmPatterns,
  sglang: sglangPatterns,
};

const needed: readonly Quantity[] = ['weightsBytes', 'kvTokens'];

/**
 * Reads the memory lines of a start-up log. Logs print GiB, SGLang under the name GB.
 *
 * @source vllm gpu_worker.py, kv_cache_utils.py; sglang model_runner.py, memory_pool.py
 */
export function parseStartupLog(text: string, engine: MemoryEngine): StartupLogResult {
  const found = new Map<Quantity, number>();
  for (const line of text.split('\n')) {
    for (const { quantity, pattern: regex, factor, keep } of patterns[engine]) {
      const value = numberIn(regex.exec(line)?.[1]);
      if (value === undefined) continue;
      const known = found.get(quantity);
      const choose = keep === 'least' ? Math.min : Math.max;
      found.set(quantity, known === undefined ? value * factor : choose(known, value * factor));
    }
  }
  const missing = needed.filter((quantity) => !found.has(quantity));
  if (found.size === 0) return { kind: 'refused', reason: 'not-a-startup-log', missing };
  if (missing.length > 0) return { kind: 'refused', reason: 'incomplete', missing };
  return { kind: 'parsed', log: { engine, ...Object.fromEntries(found) } };
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
