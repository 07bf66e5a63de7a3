import type { AcceleratorRow, MemoryEngine, ModelRow } from '../../catalog/index.ts';
import { findMemoryBehaviour } from '../../catalog/index.ts';
import { formatCount, gibibyte } from '../../units/index.ts';
import { attentionWorkspaceName } from './attention-workspace.ts';
import { expectedMemoryError, type MemoryError } from './evidence.ts';
import { fitRank } from './fit.ts';
import type { FitRequest, MeasuredMemory, StepSettings } from './fit-request.ts';
import { fitSglangRank } from './fit-sglang.ts';
import type { KvLayout } from './kv-cache.ts';
import { loaderTerm, topKBufferName } from './overhead.ts';
import type { RankMemory } from './rank-memory.ts';
import { draftTermName, sumBytes, type WeightSharding } from './weights.ts';

/** What a start-up log states before it prints what it computed. */
export interface LogStatement extends Omit<StepSettings, 'behaviour'> {
  readonly engine: MemoryEngine;
  readonly release: string;
  readonly model: ModelRow;
  readonly accelerator: AcceleratorRow;
  readonly sharding: WeightSharding;
  readonly kvLayout: KvLayout;
  /** Utilisation or static fraction. */
  readonly fraction: number;
  readonly contextTokens: number;
  readonly blockTokens: number;
  readonly mtpTokens?: number;
  readonly measured?: MeasuredMemory;
}

/** One line the engine will print, and its number. */
export interface ExpectedLine {
  readonly name: 'weights' | 'available' | 'kv-tokens' | 'concurrency';
  readonly text: string;
  readonly value: number;
  readonly unit: 'bytes' | 'tokens' | 'sequences';
  /** Relative error to expect; absent where nobody has published a log to compare with. */
  readonly tolerance?: number;
}

type PrintedLine = Pick<ExpectedLine, 'name' | 'text' | 'value'>;

/** Published weights are met within it, see docs/capacity-lines.md. */
const weightsTolerance = 0.03;

export interface Replay {
  readonly memory: RankMemory;
  readonly lines: readonly ExpectedLine[];
}

/**
 * Predicts the memory lines of an engine's start-up log.
 *
 * @throws RangeError when the engine has no known behaviour, which the catalog rules out.
 */
export function replayStartup(statement: LogStatement): Replay {
  const request = fitRequest(statement);
  const fit = statement.engine === 'sglang' ? fitSglangRank : fitRank;
  const memory = fit(request);
  return { memory, lines: expectedLogLines(statement.engine, memory, request) };
}

/** Lines the engine will print for memory computed from `request` with its own arithmetic. */
export function expectedLogLines(
  engine: MemoryEngine,
  memory: RankMemory,
  request: FitRequest,
): ExpectedLine[] {
  const lines = engine === 'sglang' ? sglangLines(memory, request) : vllmLines(memory, request);
  const cacheTolerance = toleranceOf(memory, expectedMemoryError(engine, memory, request));
  return lines.map((line) => {
    const tolerance = line.name === 'weights' ? weightsTolerance : cacheTolerance;
    return { ...line, unit: units[line.name], ...(tolerance === undefined ? {} : { tolerance }) };
  });
}

function toleranceOf(
  { kvBytesPerRank }: RankMemory,
  error: MemoryError | undefined,
): number | undefined {
  if (error === undefined) return undefined;
  return kvBytesPerRank > error.bytes ? error.bytes / kvBytesPerRank : 1;
}

function fitRequest(statement: LogStatement): FitRequest {
  const { engine, release, model, accelerator, sharding, kvLayout, ...rest } = statement;
  const { fraction, contextTokens, blockTokens, mtpTokens = 0, measured, ...told } = rest;
  const behaviour = findMemoryBehaviour(engine, release);
  if (behaviour === undefined) throw new RangeError(`no memory behaviour of ${engine} is known`);
  return {
    ...{ model, accelerator, sharding, kvLayout, contextTokens, mtpTokens, blockTokens },
    utilization: fraction,
    step: { ...told, behaviour },
    ...(measured === undefined ? {} : { measured }),
  };
}

function vllmLines(memory: RankMemory, request: FitRequest): PrintedLine[] {
  const reserved = memory.overheads.filter(
    ({ name }) => name === topKBufferName || name.startsWith(attentionWorkspaceName),
  );
  const weights = memory.weightsBytesPerRank + loadedBytes(request, 'vllm') + sumBytes(reserved);
  const tokens = memory.kvTokensPerRank;
  const concurrency = tokens / memory.contextTokens;
  return [
    line('weights', `Model loading took ${gib(weights)} GiB memory`, weights),
    line(
      'available',
      `Available KV cache memory: ${gib(memory.kvBytesPerRank)} GiB`,
      memory.kvBytesPerRank,
    ),
    line('kv-tokens', `GPU KV cache size: ${formatCount(tokens)} tokens`, tokens),
    line(
      'concurrency',
      `Maximum concurrency for ${formatCount(memory.contextTokens)} tokens per request: ${concurrency.toFixed(2)}x`,
      concurrency,
    ),
  ];
}

function sglangLines(memory: RankMemory, request: FitRequest): PrintedLine[] {
  // A draft module is loaded later, with a line of its own.
  const main = memory.weights.filter(({ name }) => name !== draftTermName);
  const weights = sumBytes(main) + loadedBytes(request, 'sglang');
  const tokens = memory.kvTokensPerRank;
  const size = tokens * memory.kvStoredBytesPerToken;
  return [
    line('weights', `Load weight end. mem usage=${gib(weights)} GB`, weights),
    line('available', `KV size: ${gib(size)} GB`, size),
    line('kv-tokens', `max_total_num_tokens=${tokens}`, tokens),
  ];
}

/** Engines count what the loader makes as weights; a stated weight holds it already. */
function loadedBytes(request: FitRequest, engine: 'vllm' | 'sglang'): number {
  return request.measured?.weightsBytes === undefined ? sumBytes(loaderTerm(request, engine)) : 0;
}

const units = {
  weights: 'bytes',
  available: 'bytes',
  'kv-tokens': 'tokens',
  concurrency: 'sequences',
} as const;

function line(name: ExpectedLine['name'], text: string, value: number): PrintedLine {
  return { name, text, value };
}

function gib(bytes: number): string {
  return (bytes / gibibyte).toFixed(2);
}
