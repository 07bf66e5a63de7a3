import type { ModelArchitecture, ModelRow } from './model-row.ts';
import { moonVit } from './moon-vit.ts';

/**
 * @source config.json of moonshotai/Kimi-K2-Instruct, as kept in ai-dynamo/aiconfigurator
 * model_configs (read 2026-11-24).
 */
const kimiK2: ModelArchitecture = {
  hiddenSize: 7168,
  layers: 61,
  denseLayers: 1,
  denseIntermediateSize: 18432,
  expertIntermediateSize: 2048,
  routedExperts: 384,
  sharedExperts: 1,
  expertsPerToken: 8,
  attentionHeads: 64,
  qLoraRank: 1536,
  kvLoraRank: 512,
  qkNopeHeadDim: 128,
  qkRopeHeadDim: 64,
  vHeadDim: 128,
  vocabularySize: 163_840,
  mtpLayers: 0,
  maxContextTokens: 131_072,
};

/**
 * @source config.json of zai-org/GLM-5.2, as kept in ai-dynamo/aiconfigurator model_configs (read
 * 2026-11-24): 21 of 78 layers hold a full indexer, the others share one.
 */
const glm52: ModelArchitecture = {
  hiddenSize: 6144,
  layers: 78,
  denseLayers: 3,
  denseIntermediateSize: 12_288,
  expertIntermediateSize: 2048,
  routedExperts: 256,
  sharedExperts: 1,
  expertsPerToken: 8,
  attentionHeads: 64,
  qLoraRank: 2048,
  kvLoraRank: 512,
  qkNopeHeadDim: 192,
  qkRopeHeadDim: 64,
  vHeadDim: 256,
  vocabularySize: 154_880,
  indexer: { heads: 32, headDim: 128, topK: 2048, weightLayers: 21 },
  mtpLayers: 1,
  maxContextTokens: 1_048_576,
};

/**
 * Every layer of GLM-5 and 5.1 holds an indexer of its own.
 *
 * @source start-up logs of GLM-5-FP8 and GLM-5.1-FP8: context 202,752, 89.2 to 89.6 GiB of weights at
 * TP8, which this shape gives; the rest as GLM-5.2
 */
const glm5: ModelArchitecture = {
  ...glm52,
  indexer: { heads: 32, headDim: 128, topK: 2048 },
  maxContextTokens: 202_752,
};

/** Sampling: model cards, not re-read. */
export const otherModels: readonly ModelRow[] = [
  {
    id: 'moonshotai/Kimi-K2-Instruct',
    family: 'kimi-k2',
    architecture: kimiK2,
    weightFormat: 'fp8-block128',
    sampling: { temperature: 0.6, topP: 1.0 },
    source: 'config.json of moonshotai/Kimi-K2-Instruct',
  },
  {
    id: 'moonshotai/Kimi-K2-Thinking',
    family: 'other',
    architecture: { ...kimiK2, maxContextTokens: 262_144 },
    weightFormat: 'int4-experts',
    sampling: { temperature: 1.0, topP: 1.0 },
    source: 'vllm-project/recipes, Kimi-K2-Think.md: shape of Kimi-K2, INT4 experts',
  },
  ...['moonshotai/Kimi-K2.5', 'moonshotai/Kimi-K2.6'].map(
    (id): ModelRow => ({
      id,
      family: 'other',
      architecture: { ...kimiK2, maxContextTokens: 262_144 },
      weightFormat: 'int4-experts',
      vision: moonVit,
      shards: 64,
      sampling: { temperature: 1.0, topP: 0.95 },
      source:
        'config.json of moonshotai/Kimi-K2.5: shape of Kimi-K2, INT4 experts, MoonViT; K2.6 has its architecture and 554.30 GiB, too (Czyszka/nanoserve-mini)',
    }),
  ),
  {
    id: 'RedHatAI/Kimi-K2-Instruct-quantized.w4a16',
    family: 'kimi-k2',
    architecture: kimiK2,
    weightFormat: 'int4-experts-group128',
    shards: 63,
    sampling: { temperature: 0.6, topP: 1.0 },
    source:
      'shape of moonshotai/Kimi-K2-Instruct; modelplaneai/modelplane#194 starts it in vLLM 0.23',
  },
  {
    id: 'zai-org/GLM-5-FP8',
    family: 'other',
    architecture: glm5,
    weightFormat: 'fp8-block128',
    sampling: { temperature: 1.0, topP: 0.95 },
    source: 'SGLang log on 8 x MI355X, February 2026; shape as GLM-5.1-FP8',
  },
  {
    id: 'zai-org/GLM-5.1-FP8',
    family: 'other',
    architecture: glm5,
    weightFormat: 'fp8-block128',
    sampling: { temperature: 1.0, topP: 0.95 },
    source: 'vLLM and SGLang logs on 8 x H200, May and June 2026',
  },
  {
    id: 'zai-org/GLM-5.2-FP8',
    family: 'other',
    architecture: glm52,
    weightFormat: 'fp8-block128',
    sampling: { temperature: 1.0, topP: 0.95 },
    source: 'config.json of zai-org/GLM-5.2-FP8',
  },
  {
    id: 'zai-org/GLM-5.3',
    family: 'other',
    architecture: glm52,
    weightFormat: 'fp8-block128',
    sampling: { temperature: 1.0, topP: 0.95 },
    source:
      'card of butler-compute/GLM-5.3-FP8-NVFP4: FP8 blocks of 128, 78 layers and one draft layer, indexers in 21 and 1, 256 experts, so the shape of GLM-5.2',
  },
  {
    id: 'Eco-Tech/GLM-5-w4a8',
    family: 'other',
    architecture: glm5,
    weightFormat: 'w4a8',
    sampling: { temperature: 1.0, topP: 0.95 },
    source: 'vllm-ascend 0.23.0 docs/source/tutorials/models/GLM5.md; shape as GLM-5.1-FP8',
  },
  {
    id: 'Eco-Tech/GLM-5.1-w8a8',
    family: 'other',
    architecture: glm5,
    weightFormat: 'w8a8-float-draft',
    sampling: { temperature: 1.0, topP: 0.95 },
    source: 'vllm-project/vllm-ascend#8817; shape as GLM-5.1-FP8',
  },
  {
    id: 'nvidia/GLM-5.2-NVFP4',
    family: 'other',
    architecture: glm52,
    weightFormat: 'nvfp4-experts',
    sampling: { temperature: 1.0, topP: 0.95 },
    source: 'vLLM log on 4 x GB200, August 2026; name of the checkpoint not re-checked',
  },
  {
    id: 'amd/GLM-5.2-MXFP4',
    family: 'other',
    architecture: glm52,
    weightFormat: 'mxfp4',
    sampling: { temperature: 1.0, topP: 0.95 },
    source:
      'SGLang on MI355X, August 2026: shape of GLM-5.2; name of the checkpoint not re-checked',
  },
];
