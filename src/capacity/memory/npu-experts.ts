import { weightFormats } from '../../catalog/index.ts';
import { formatCount } from '../../units/index.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import type { MemoryTerm } from './rank-memory.ts';

/**
 * Rows of the experts of one layer where vllm-ascend gathers tokens: on the 910B, whose exchange for
 * larger batches is a gather. Every rank makes a row for each expert of each token, whoever has it.
 *
 * INT8 rows are given up before the next ones are made; of a draft module in BF16 the first rows stay
 * until the last are made.
 *
 * @source vllm_ascend of February 2026, 0.18.0 and 0.23.0: ascend_forward_context.py,
 * select_moe_comm_method; ops/fused_moe/token_dispatcher.py, TokenDispatcherWithAllGather (active_num);
 * moe_mlp.py, quant_apply_mlp and unquant_apply_mlp
 */
export function npuExpertRows(
  request: FitRequest,
  step: StepSettings,
  tokens: number,
): MemoryTerm | undefined {
  const { accelerator, model, sharding } = request;
  if (step.behaviour.engine !== 'vllm-ascend' || accelerator.id !== 'ascend-a2') return undefined;
  const { hiddenSize, expertIntermediateSize, expertsPerToken } = model.architecture;
  const inner = expertIntermediateSize / (sharding.expert ? 1 : sharding.tensor * sharding.data);
  const perRow = hasPlainExperts(request)
    ? Math.max(4 * hiddenSize + 2 * inner, 2 * hiddenSize + 6 * inner)
    : Math.max(hiddenSize + 4 * inner, inner + 2 * hiddenSize);
  return {
    name: `rows of the experts for ${formatCount(tokens)} tokens`,
    // The gathered tokens themselves are in BF16.
    bytes: tokens * (expertsPerToken * perRow + 2 * hiddenSize),
    label: 'exact',
    source:
      'vllm_ascend/ops/fused_moe/moe_mlp.py of 0.18.0: rows in, gate and up, rows out, as many as alive at once',
  };
}

/** Whether the model or its draft module has experts in BF16. */
function hasPlainExperts({ model, mtpTokens }: FitRequest): boolean {
  const { tensors, draft } = weightFormats[model.weightFormat];
  const ofDraft = mtpTokens > 0 && draft !== undefined ? weightFormats[draft].tensors : tensors;
  return [tensors, ofDraft].some(({ routedExperts }) => routedExperts === 'bf16');
}
