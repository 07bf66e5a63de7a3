/** How one matrix is stored in the checkpoint. */
export type TensorFormat =
  | 'fp8-block128'
  | 'int8-channel'
  | 'int4-channel'
  | 'bf16'
  | 'mxfp4'
  | 'nvfp4'
  | 'int4-group32'
  | 'int4-group128';

/** Matrices that share a format; router, norms, embedding and head are BF16 in every checkpoint. */
export type TensorClass =
  | 'attention'
  /** `kv_b` of the attention. */
  | 'upProjection'
  | 'indexer'
  /** `wq_b` of the indexer. */
  | 'indexerQuery'
  | 'denseFeedForward'
  | 'routedExperts'
  | 'sharedExperts';

export type WeightFormatId =
  | 'fp8-block128'
  | 'w8a8'
  | 'w8a8-float-draft'
  | 'w4a8'
  | 'bf16'
  | 'mxfp4'
  | 'nvfp4'
  | 'nvfp4-experts'
  | 'int4-experts'
  | 'int4-experts-group128';

export interface WeightFormatRow {
  readonly id: WeightFormatId;
  readonly tensors: Readonly<Record<TensorClass, TensorFormat>>;
  /**
   * Format of the draft module.
   *
   * @default - as the model
   */
  readonly draft?: WeightFormatId;
  /**
   * Whether the weights are rotated (QuaRot), which folds the last norm into the head: that of the draft
   * module is no longer that of the model then.
   *
   * @default false
   */
  readonly rotated?: true;
  /** Whether the table is read from a published checkpoint or inferred from its size. */
  readonly label: 'exact' | 'assumed';
  readonly source: string;
}

function uniform(format: TensorFormat): WeightFormatRow['tensors'] {
  return {
    attention: format,
    upProjection: format,
    indexer: format,
    indexerQuery: format,
    denseFeedForward: format,
    routedExperts: format,
    sharedExperts: format,
  };
}

/** What formats share that leave the attention in BF16. */
const plainAttention = {
  attention: 'bf16',
  upProjection: 'bf16',
  indexer: 'bf16',
  indexerQuery: 'bf16',
} as const;

/** What msModelSlim leaves out of the attention in every recipe: `kv_b_proj`, `wk` and `weights_proj`. */
const slimAttention = {
  attention: 'int8-channel',
  upProjection: 'bf16',
  indexer: 'bf16',
  indexerQuery: 'int8-channel',
} as const;

export const weightFormats: Readonly<Record<WeightFormatId, WeightFormatRow>> = {
  'fp8-block128': {
    id: 'fp8-block128',
    tensors: uniform('fp8-block128'),
    label: 'exact',
    source: 'quantization_config of deepseek-ai/DeepSeek-V3.2: e4m3, weight_block_size [128, 128]',
  },
  w8a8: {
    id: 'w8a8',
    tensors: { ...uniform('int8-channel'), ...slimAttention, indexerQuery: 'bf16' },
    rotated: true,
    label: 'assumed',
    source:
      'Ascend/msmodelslim lab_practice/deepseek_v3_2/deepseek_w8a8_quarot.yaml, one scale and one offset per output channel; sgl-npu/DeepSeek-V3.2-W8A8 is 694.47 GB (SGLang Ascend tutorial), this table gives 0.3 % less',
  },
  'w8a8-float-draft': {
    id: 'w8a8-float-draft',
    tensors: { ...uniform('int8-channel'), ...slimAttention },
    draft: 'bf16',
    rotated: true,
    label: 'exact',
    source: 'Ascend/msmodelslim lab_practice/glm_5/glm_5_1_w8a8.yaml: layer 78 is left out',
  },
  w4a8: {
    id: 'w4a8',
    tensors: {
      ...uniform('int8-channel'),
      ...slimAttention,
      routedExperts: 'int4-channel',
    },
    draft: 'bf16',
    rotated: true,
    label: 'exact',
    source:
      'Ascend/msmodelslim lab_practice/glm_5/glm_5_w4a8.yaml: routed experts in INT4 per channel, all else in INT8 but layer 78',
  },
  bf16: {
    id: 'bf16',
    tensors: uniform('bf16'),
    label: 'exact',
    source: 'two bytes per parameter; V3.2-Exp-BF16 is about 1.3 TB (vllm-project/recipes)',
  },
  mxfp4: {
    id: 'mxfp4',
    tensors: { ...uniform('mxfp4'), ...plainAttention },
    draft: 'bf16',
    label: 'assumed',
    source:
      'OCP MXFP4: one shared exponent byte per 32 values; attention left in BF16 as in NVFP4, the draft module too (AMD-AGI/Infera logs: 4.64 GiB at DP8 with its embeddings)',
  },
  nvfp4: {
    id: 'nvfp4',
    tensors: { ...uniform('nvfp4'), ...plainAttention },
    draft: 'bf16',
    label: 'assumed',
    source:
      'one FP8 scale per 16 values, attention in BF16, the draft module too (SGLang deepseek_nextn.py); gives 94.3 GiB for R1-FP4 at TP4, an SGLang log on B200 says 94.50',
  },
  'nvfp4-experts': {
    id: 'nvfp4-experts',
    tensors: { ...uniform('bf16'), routedExperts: 'nvfp4' },
    draft: 'bf16',
    label: 'assumed',
    source:
      'routed experts in NVFP4, all else in BF16, as the card of butler-compute/GLM-5.3-FP8-NVFP4 lists nvidia/GLM-5.3-NVFP4 but for three dense layers in FP8; gives 106.0 GiB for GLM-5.2 at TP4, a vLLM log says 106.69',
  },
  'int4-experts': {
    id: 'int4-experts',
    tensors: { ...uniform('bf16'), routedExperts: 'int4-group32' },
    label: 'exact',
    source:
      'routed experts in INT4 with one BF16 scale per 32 values, all else in BF16: tensors of moonshotai/Kimi-K2.5, 554.27 GiB with its vision tower, which this table gives',
  },
  'int4-experts-group128': {
    id: 'int4-experts-group128',
    tensors: { ...uniform('bf16'), routedExperts: 'int4-group128' },
    label: 'assumed',
    source:
      'routed experts in INT4 with one BF16 scale per 128 values, all else in 16 bits, as the appendix of arXiv:2607.03502 describes RedHatAI/Kimi-K2-Instruct-quantized.w4a16',
  },
};
