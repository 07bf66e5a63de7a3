import type { ModelFamily } from '../model-family.ts';
import type { WeightFormatId } from '../weight-format.ts';
import type { ModelArchitecture, ModelRow } from './model-row.ts';

/**
 * Shape of DeepSeek-V3, R1 and V3.1.
 *
 * @source config.json of deepseek-ai/DeepSeek-V3 and deepseek-ai/DeepSeek-R1, as kept in
 * ai-dynamo/aiconfigurator model_configs (read 2026-11-24)
 */
const v3: ModelArchitecture = {
  hiddenSize: 7168,
  layers: 61,
  denseLayers: 3,
  denseIntermediateSize: 18432,
  expertIntermediateSize: 2048,
  routedExperts: 256,
  sharedExperts: 1,
  expertsPerToken: 8,
  attentionHeads: 128,
  qLoraRank: 1536,
  kvLoraRank: 512,
  qkNopeHeadDim: 128,
  qkRopeHeadDim: 64,
  vHeadDim: 128,
  vocabularySize: 129_280,
  mtpLayers: 1,
  maxContextTokens: 163_840,
};

/**
 * Shape of DeepSeek-V3.2, V3.2-Exp and V3.2-Speciale: V3 and the sparse-attention indexer.
 *
 * @source config.json of deepseek-ai/DeepSeek-V3.2, the same values in
 * deepseek-ai/DeepSeek-V3.2-Exp inference/config_671B_v3.2.json (read 2026-11-23)
 */
const v32: ModelArchitecture = { ...v3, indexer: { heads: 64, headDim: 128, topK: 2048 } };

/** Model card of V3.2. */
const v32Sampling = { temperature: 1.0, topP: 0.95 };

/** README of deepseek-ai/DeepSeek-R1: 0.5 to 0.7; not stated for V3 and V3.1, the same is assumed. */
const r1Sampling = { temperature: 0.6, topP: 0.95 };

interface Variant {
  readonly id: string;
  readonly family: ModelFamily;
  readonly architecture: ModelArchitecture;
  readonly sampling: ModelRow['sampling'];
  readonly weightFormat?: WeightFormatId;
  readonly source: string;
}

/** 163 shards is V3's count (llm-d wide-EP guide for AMD), assumed for the other rows. */
function variant({ weightFormat = 'fp8-block128', ...row }: Variant): ModelRow {
  return { ...row, weightFormat, shards: 163 };
}

export const deepseekModels: readonly ModelRow[] = [
  variant({
    id: 'deepseek-ai/DeepSeek-V3.2',
    family: 'deepseek-v3.2',
    architecture: v32,
    sampling: v32Sampling,
    source: 'config.json of deepseek-ai/DeepSeek-V3.2',
  }),
  variant({
    id: 'deepseek-ai/DeepSeek-V3.2-Exp',
    family: 'deepseek-v3.2-exp',
    architecture: v32,
    sampling: v32Sampling,
    source: 'deepseek-ai/DeepSeek-V3.2-Exp inference/config_671B_v3.2.json',
  }),
  variant({
    id: 'deepseek-ai/DeepSeek-V3.2-Speciale',
    family: 'deepseek-v3.2-speciale',
    architecture: v32,
    sampling: v32Sampling,
    source: 'same shape as V3.2: SGLang cookbook, DeepSeek-V3_2',
  }),
  variant({
    id: 'deepseek-ai/DeepSeek-V3.1',
    family: 'deepseek-v3.1',
    architecture: v3,
    sampling: r1Sampling,
    source: 'same shape as V3: config.json of deepseek-ai/DeepSeek-V3.1',
  }),
  variant({
    id: 'deepseek-ai/DeepSeek-R1',
    family: 'deepseek-r1',
    architecture: v3,
    sampling: r1Sampling,
    source: 'config.json of deepseek-ai/DeepSeek-R1',
  }),
  variant({
    id: 'deepseek-ai/DeepSeek-V3',
    family: 'deepseek-v3',
    architecture: v3,
    sampling: r1Sampling,
    source: 'config.json of deepseek-ai/DeepSeek-V3',
  }),
  variant({
    id: 'vllm-ascend/DeepSeek-V3.2-W8A8',
    family: 'deepseek-v3.2',
    architecture: v32,
    sampling: v32Sampling,
    weightFormat: 'w8a8',
    source: 'vllm-ascend tutorial for DeepSeek-V3.2; shape of V3.2',
  }),
  variant({
    id: 'sgl-npu/DeepSeek-V3.2-W8A8',
    family: 'deepseek-v3.2',
    architecture: v32,
    sampling: v32Sampling,
    weightFormat: 'w8a8',
    source: 'SGLang Ascend tutorial for DeepSeek-V3.2 (694.47 GB); shape of V3.2',
  }),
  variant({
    id: 'Modelers_Park/DeepSeek-V3.2-Exp-BF16',
    family: 'deepseek-v3.2-exp',
    architecture: v32,
    sampling: v32Sampling,
    weightFormat: 'bf16',
    source: 'vllm-ascend v0.13 documentation; shape of V3.2',
  }),
  variant({
    id: 'amd/DeepSeek-V3.2-mxfp4',
    family: 'deepseek-v3.2',
    architecture: v32,
    sampling: v32Sampling,
    weightFormat: 'mxfp4',
    source: 'SGLang cookbook, DeepSeek-V3_2; shape of V3.2',
  }),
  variant({
    id: 'nvidia/DeepSeek-V3.2-NVFP4',
    family: 'deepseek-v3.2',
    architecture: v32,
    sampling: v32Sampling,
    weightFormat: 'nvfp4',
    source: 'vllm-project/recipes, DeepSeek-V3.2.yaml; shape of V3.2',
  }),
  variant({
    id: 'nvidia/DeepSeek-R1-FP4',
    family: 'deepseek-r1',
    architecture: v3,
    sampling: r1Sampling,
    weightFormat: 'nvfp4',
    source: 'SGLang DeepSeek documentation; shape of R1',
  }),
];
