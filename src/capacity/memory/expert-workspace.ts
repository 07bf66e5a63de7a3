import { blackwell, weightFormats } from '../../catalog/index.ts';
import { formatCount } from '../../units/index.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import { marlinBytes } from './marlin-bytes.ts';
import { expertWorkspaceName, type MemoryTerm } from './rank-memory.ts';

/** What the experts of one layer take in vLLM while it profiles. */
interface ExpertMemory {
  /** In the workspace that stays, which the indexer shares. */
  readonly kept: readonly MemoryTerm[];
  /** Given back when the layer is done. */
  readonly passing: readonly MemoryTerm[];
  /** Whether `passing` holds the gathered tokens already. */
  readonly holdsGathered: boolean;
}

/** Bytes of each kernel: for each expert of each token, for each token, and for each gathered one. */
interface KernelBytes {
  readonly perExpert: number;
  readonly perToken: number;
  readonly perGathered: number;
  /** In the workspace that stays, for each token. */
  readonly keptPerToken: number;
  /**
   * Rows more than tokens have experts, since each expert works on whole tiles.
   *
   * @default 0
   */
  readonly paddingRows?: number;
  readonly source: string;
}

/**
 * Inputs and outputs of the experts for `tokens`, more than one rank batches where they are gathered.
 *
 * @source vllm/model_executor/layers/fused_moe/oracle/fp8.py and nvfp4.py, the same order in 0.18.1,
 * 0.20.0 and 0.33.0: Triton on Hopper for tensor ranks, FlashInfer's CUTLASS there for spread experts,
 * FlashInfer's TRT-LLM on Blackwell unless experts are redundant, AITER on ROCm where it is turned on
 */
export function expertMemory(
  request: FitRequest,
  step: StepSettings,
  tokens: number,
): ExpertMemory {
  const isGathered = tokens > step.batchedTokens;
  if (isGathered && runsMarlin(request, step)) return gatheredMarlin(request, step, tokens);
  const kernel = kernelBytes(request, step);
  if (kernel === undefined) {
    return { kept: [twoRows(request, tokens)], passing: [], holdsGathered: false };
  }
  const { perExpert, perToken, perGathered, keptPerToken, paddingRows = 0, source } = kernel;
  const { expertsPerToken } = request.model.architecture;
  const each = perExpert * expertsPerToken + perToken + (isGathered ? perGathered : 0);
  const name = `${expertWorkspaceName} for ${formatCount(tokens)} tokens`;
  const output = `output of the experts for ${formatCount(tokens)} tokens`;
  return {
    kept: keptPerToken === 0 ? [] : [exact(output, tokens * keptPerToken, source)],
    passing: [exact(name, tokens * each + paddingRows * perExpert, source)],
    holdsGathered: true,
  };
}

function exact(name: string, bytes: number, source: string): MemoryTerm {
  return { name, bytes, label: 'exact', source };
}

/** Triton, DeepGEMM before 0.33 and Marlin: two BF16 rows for each expert of each token. */
function twoRows({ model, accelerator, sharding }: FitRequest, tokens: number): MemoryTerm {
  const { expertsPerToken, hiddenSize } = model.architecture;
  return {
    name: `${expertWorkspaceName} for ${formatCount(tokens)} tokens`,
    bytes: tokens * expertsPerToken * 2 * (2 * hiddenSize),
    label: accelerator.vendor === 'nvidia' && !sharding.expert ? 'exact' : 'assumed',
    source:
      'vLLM fused_moe/experts/triton_moe.py and deep_gemm_moe.py, workspace_shapes: two BF16 rows for each expert of each token',
  };
}

function runsMarlin({ accelerator, model }: FitRequest, { allToAll }: StepSettings): boolean {
  const { routedExperts } = weightFormats[model.weightFormat].tensors;
  const isInt4 = routedExperts === 'int4-group32' || routedExperts === 'int4-group128';
  return isInt4 && accelerator.vendor === 'nvidia' && (allToAll ?? 'gather') === 'gather';
}

/**
 * INT4 experts with the tokens of all data ranks. Without them two rows are left for every release: the
 * two logs of tensor ranks in 0.20 are on both sides of that.
 */
function gatheredMarlin(request: FitRequest, step: StepSettings, tokens: number): ExpertMemory {
  const gathered = gatheredRows(request, tokens);
  if (step.behaviour.int4OutsideWorkspace !== true) {
    return { kept: [twoRows(request, tokens)], passing: [gathered], holdsGathered: true };
  }
  return { kept: [], passing: [gathered, marlin(request, tokens)], holdsGathered: true };
}

function gatheredRows({ model }: FitRequest, tokens: number): MemoryTerm {
  return exact(
    `${formatCount(tokens)} gathered tokens`,
    tokens * 2 * model.architecture.hiddenSize,
    'vLLM all2all.py, AgRsAll2AllManager: BF16 rows of all data ranks',
  );
}

function marlin(request: FitRequest, tokens: number): MemoryTerm {
  const { expertsPerToken } = request.model.architecture;
  return exact(
    `${expertWorkspaceName} for ${formatCount(tokens)} tokens`,
    marlinBytes({ ...rowsOf(request), tokens, expertsPerToken }),
    'vLLM fused_marlin_moe.py, fused_marlin_moe, the same in 0.16.0 and 0.20.0, and PyTorch Reduce.cuh, gpu_reduce_kernel',
  );
}

/**
 * What INT4 experts take in releases that know no workspace, with the rows beside them: input, residual
 * and output of the shared expert, and the input of the attention, which a dictionary holds in a model
 * that is not compiled. Undefined for other experts.
 *
 * @param tokens - of all data ranks where they are gathered
 */
export function int4Terms(
  request: FitRequest,
  step: StepSettings,
  tokens: number,
): MemoryTerm[] | undefined {
  const { int4OutsideWorkspace, sharedWorkspace } = step.behaviour;
  const isOutside = int4OutsideWorkspace === true && sharedWorkspace !== true;
  if (!isOutside || !runsMarlin(request, step)) return undefined;
  const { hiddenSize } = request.model.architecture;
  const each = step.graphs === false ? 4 : 3;
  const rows = exact(
    `rows of ${formatCount(step.batchedTokens)} tokens beside the experts`,
    step.batchedTokens * each * 2 * hiddenSize,
    'vLLM 0.14.1 and 0.16.0 deepseek_v2.py, DeepseekV2DecoderLayer (attn_kwargs), and fused_moe/layer.py, forward_impl',
  );
  const isGathered = tokens > step.batchedTokens;
  return [rows, ...(isGathered ? [gatheredRows(request, tokens)] : []), marlin(request, tokens)];
}

/** What a kernel with memory of its own takes; undefined where vLLM keeps two rows. */
function kernelBytes(request: FitRequest, step: StepSettings): KernelBytes | undefined {
  const { accelerator, model, sharding, redundantExpertsPerRank = 0 } = request;
  if (accelerator.vendor === 'amd') return step.aiterExperts === true ? aiter(request) : undefined;
  if (accelerator.vendor !== 'nvidia' || (step.allToAll ?? 'gather') !== 'gather') return undefined;
  const inFp8 = isFp8(model);
  if (!blackwell.has(accelerator.id)) {
    return inFp8 && sharding.expert ? flashInferCutlass(request) : undefined;
  }
  if (redundantExpertsPerRank > 0) return undefined;
  if (inFp8) return flashInferTrtLlm(request, trtLlmFp8);
  const inFp4 = weightFormats[model.weightFormat].tensors.routedExperts === 'nvfp4';
  return inFp4 ? flashInferTrtLlm(request, trtLlmFp4) : undefined;
}

/** Elements of one row on one rank. */
function rowsOf({ model, sharding }: FitRequest): { hidden: number; inner: number } {
  const { hiddenSize, expertIntermediateSize } = model.architecture;
  const parts = sharding.expert ? 1 : sharding.tensor * sharding.data;
  return { hidden: hiddenSize, inner: expertIntermediateSize / parts };
}

/** An FP8 value and its part of an FP32 scale for 128 of them. */
const scaledFp8 = 1 + 4 / 128;
/** An FP4 value and its part of an FP8 scale for 16 of them. */
const scaledFp4 = 1 / 2 + 1 / 16;

/** BF16 input or output, gate and up in BF16, and the row that the kernel makes FP8 of. */
function flashInferCutlass(request: FitRequest): KernelBytes {
  const { hidden, inner } = rowsOf(request);
  return {
    perExpert: 2 * Math.max(hidden, inner) + 4 * inner + scaledFp8 * Math.max(hidden, inner),
    perToken: 0,
    perGathered: 2 * hidden,
    keptPerToken: 2 * hidden,
    source:
      'FlashInfer 0.7.2 cutlass_fused_moe_kernels.cuh, getWorkspaceDeviceBufferSizes with block scales; vLLM gathers BF16 rows for it',
  };
}

/** How FlashInfer's TRT-LLM kernels hold the rows they work on. */
interface TrtLlmRows {
  readonly format: 'FP8' | 'FP4';
  /** Of one value with its part of the scale. */
  readonly valueBytes: number;
  readonly innerRows: number;
  /** Rows of one tile for the many tokens of a profile, before anything is tuned. */
  readonly tileRows?: number;
  readonly launcher: string;
}

/** Gate and up, and what comes of them. */
const trtLlmFp8: TrtLlmRows = {
  format: 'FP8',
  valueBytes: scaledFp8,
  innerRows: 3,
  // One below the largest of 128: selectDefaultTileN in 0.6.16.
  tileRows: 64,
  launcher: 'Fp8BlockScaleLauncher',
};

const trtLlmFp4: TrtLlmRows = {
  format: 'FP4',
  valueBytes: scaledFp4,
  innerRows: 1,
  launcher: 'FP4BlockScaleLauncher',
};

/** Inner rows in the kernel's format, and BF16 rows of output. */
function flashInferTrtLlm(
  request: FitRequest,
  { format, valueBytes, innerRows, tileRows = 1, launcher }: TrtLlmRows,
): KernelBytes {
  const { hidden, inner } = rowsOf(request);
  return {
    perExpert: innerRows * inner * valueBytes + 2 * hidden,
    perToken: 2 * hidden,
    perGathered: valueBytes * hidden,
    keptPerToken: 0,
    paddingRows: request.model.architecture.routedExperts * (tileRows - 1),
    source: `FlashInfer 0.7.2 trtllm_fused_moe_kernel_launcher.cu, ${launcher}; vLLM gathers ${format} rows for it`,
  };
}

/** Inner rows in BF16 and FP8; the output is summed up in place. */
function aiter(request: FitRequest): KernelBytes {
  const { hidden, inner } = rowsOf(request);
  return {
    perExpert: inner * (2 + scaledFp8),
    perToken: hidden * (2 + scaledFp8),
    perGathered: 2 * hidden,
    keptPerToken: 2 * hidden,
    source:
      'AITER fused_moe.py, fused_moe_2stages; vLLM rocm_aiter_moe.py, workspace_shapes: none but the output',
  };
}

/** Tensor ranks of the logs that the activations of a token come from. */
const measuredTensorRanks = 8;

/**
 * Inner rows that `activationBytesPerToken` knows cut: after the gate, in BF16 and in FP8.
 *
 * @param tokens - of all data ranks where they are gathered
 */
export function wholeRowsTerm(
  { model, sharding, accelerator }: FitRequest,
  { behaviour: { expertChunkTokens } }: StepSettings,
  tokens: number,
): MemoryTerm[] {
  if (expertChunkTokens === undefined || !sharding.expert || accelerator.vendor !== 'nvidia') {
    return [];
  }
  const { expertsPerToken, expertIntermediateSize } = model.architecture;
  const chunk = Math.min(tokens, expertChunkTokens);
  const uncut = expertIntermediateSize * (1 - 1 / measuredTensorRanks);
  const valueBytes = isFp8(model) ? 2 + scaledFp8 : 2;
  return [
    exact(
      `whole inner rows of spread experts for ${formatCount(chunk)} tokens`,
      chunk * expertsPerToken * uncut * valueBytes,
      'vLLM 0.8.4 fused_moe.py, fused_experts_impl: intermediate_cache2 and what moe_kernel_prepare_input makes of it',
    ),
  ];
}

function isFp8({ weightFormat }: FitRequest['model']): boolean {
  return weightFormat === 'fp8-block128';
}
