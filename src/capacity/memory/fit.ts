import { attentionWorkspaceTerm } from './attention-workspace.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import { graphTerms } from './graph-terms.ts';
import { fitPool } from './kv-pool.ts';
import {
  dispatchTerms,
  indexerLogitsTerm,
  loaderTerm,
  planningOverhead,
  profileTerms,
  runtimeTerms,
  topKBufferTerm,
  uncountedRuntimeTerm,
} from './overhead.ts';
import type { MemoryTerm, RankMemory } from './rank-memory.ts';
import { fusedReduceTerm, runnerBufferTerm } from './step-buffers.ts';

/**
 * Memory of the fullest rank under vLLM and vllm-ascend: budget = utilisation x device, minus
 * weights, minus what the release counts while it profiles, and the rest is KV cache.
 *
 * Weights and bytes per token are exact; the overhead is a sum of measured terms when the step is
 * known, else a planning value.
 *
 * @source vLLM gpu_worker.py determine_available_memory
 */
export function fitRank(request: FitRequest): RankMemory {
  const { accelerator, utilization } = request;
  return fitPool(request, {
    deviceBytes: accelerator.memoryBytes,
    budgetBytes: Math.floor(utilization * accelerator.memoryBytes),
    ...countedAndPeaks(request),
    sizingLayout: request.kvLayout,
  });
}

interface CountedAndPeaks {
  readonly overheads: readonly MemoryTerm[];
  readonly peaks: readonly MemoryTerm[];
}

function countedAndPeaks(request: FitRequest): CountedAndPeaks {
  const { step, measured } = request;
  if (measured?.overheadBytes !== undefined) {
    const { overheadBytes: bytes, source } = measured;
    return {
      overheads: [{ name: 'all but weights and cache', bytes, label: 'measured', source }],
      peaks: step === undefined ? [] : peaksOf(request, step),
    };
  }
  if (step === undefined) return { overheads: planningOverhead(request.sharding), peaks: [] };
  return { overheads: countedOf(request, step), peaks: peaksOf(request, step) };
}

function countedOf(request: FitRequest, step: StepSettings): MemoryTerm[] {
  // Weights stated by a log hold what the loader made already.
  const stated = request.measured?.weightsBytes !== undefined;
  return [
    ...runtimeTerms(request, step),
    ...fusedReduceTerm(request, step),
    ...runnerBufferTerm(request, step),
    ...profileTerms(request, step),
    ...(countsGraphs(request, step) ? graphTerms(request, step) : []),
    ...(stated ? [] : topKBufferTerm(request, step)),
    ...(stated ? [] : attentionWorkspaceTerm(request, step)),
    ...(stated ? [] : loaderTerm(request, 'vllm')),
    ...dispatchTerms(request, step),
  ];
}

function peaksOf(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { indexerLogitsProfiled = false } = step.behaviour;
  return [
    ...uncountedRuntimeTerm(request, step),
    ...(countsGraphs(request, step) ? [] : graphTerms(request, step)),
    ...(indexerLogitsProfiled ? [] : indexerLogitsTerm(request, step)),
  ];
}

function countsGraphs({ accelerator }: FitRequest, { behaviour }: StepSettings): boolean {
  const { graphsInBudget } = behaviour;
  return graphsInBudget === 'all' || (graphsInBudget === 'cuda' && accelerator.vendor === 'nvidia');
}
