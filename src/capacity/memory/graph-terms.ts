import { blackwell, type GraphBytes } from '../../catalog/index.ts';
import { formatCount } from '../../units/index.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import {
  largestDecodeGraph,
  mostGraphSequences,
  type RecordedBatches,
  recordedGraphs,
} from './graph-count.ts';
import { scoresInTensors } from './indexer-scores.ts';
import { spreadsExperts } from './overhead.ts';
import type { MemoryTerm } from './rank-memory.ts';

/** What the graphs that the engine records at its start are called. */
const graphNames = { nvidia: 'CUDA graphs', amd: 'HIP graphs', huawei: 'ACL graphs' } as const;

/** Graphs of one rank, none where the engine is told to record none. */
export function graphTerms(request: FitRequest, step: StepSettings): MemoryTerm[] {
  if (step.graphs === false) return [];
  const { bytes, ofGraphs, scoresApart = false, source } = measuredGraphs(request, step);
  const batches = recordedBatches(request, step);
  const share = ofGraphs === undefined ? 1 : recordedGraphs(batches) / ofGraphs;
  const name = graphNames[request.accelerator.vendor];
  return [
    { name, bytes: bytes * share, label: 'assumed', source },
    ...(scoresApart ? graphScoresTerm(request, largestDecodeGraph(batches)) : []),
  ];
}

/** FP32 scores `[tokens of the largest decode graph, context]`, in one pool for all graphs. */
function graphScoresTerm(request: FitRequest, tokens: number): MemoryTerm[] {
  if (!scoresInTensors(request) || request.accelerator.vendor !== 'nvidia') return [];
  return [
    {
      name: `indexer scores in graphs of ${formatCount(tokens)} tokens`,
      bytes: 4 * tokens * request.contextTokens,
      label: 'exact',
      source: 'vLLM deep_gemm.py, fp8_fp4_paged_mqa_logits: FP32 [tokens, max-model-len]',
    },
  ];
}

function measuredGraphs(
  { sharding, model }: FitRequest,
  { behaviour: { graphBytes } }: StepSettings,
): GraphBytes {
  const { tensor, expert, denseExpert = expert } = graphBytes;
  if (!spreadsExperts(sharding)) return tensor;
  return model.architecture.indexer === undefined ? denseExpert : expert;
}

/** Each graph costs about the same; as many as vLLM records at most where requests are not known. */
function recordedBatches(request: FitRequest, step: StepSettings): RecordedBatches {
  const { accelerator, mtpTokens: draftTokens } = request;
  const { maxSequences = mostGraphSequences, batchedTokens, behaviour } = step;
  const { blackwellGraphTokens: largestTokens } = behaviour;
  const batches = { maxSequences, batchedTokens, draftTokens };
  const isLarger = largestTokens !== undefined && blackwell.has(accelerator.id);
  return isLarger ? { ...batches, largestTokens } : batches;
}
