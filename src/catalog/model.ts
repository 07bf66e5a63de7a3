/** Shape of a DeepSeek-style model: multi-head latent attention, mixture of experts. Elements. */
export interface ModelArchitecture {
  readonly hiddenSize: number;
  readonly layers: number;
  /** Leading layers with a dense feed-forward block instead of experts. */
  readonly denseLayers: number;
  readonly denseIntermediateSize: number;
  readonly expertIntermediateSize: number;
  readonly routedExperts: number;
  readonly sharedExperts: number;
  readonly expertsPerToken: number;
  readonly attentionHeads: number;
  readonly qLoraRank: number;
  readonly kvLoraRank: number;
  readonly qkNopeHeadDim: number;
  readonly qkRopeHeadDim: number;
  readonly vHeadDim: number;
  readonly vocabularySize: number;
  /** DeepSeek sparse attention; absent for V3, R1 and V3.1. */
  readonly indexer?: { readonly heads: number; readonly headDim: number; readonly topK: number };
  /** Multi-token-prediction modules in the checkpoint. */
  readonly mtpLayers: number;
  readonly maxContextTokens: number;
}

export interface ModelRow {
  readonly id: string;
  readonly architecture: ModelArchitecture;
  /** FP8 e4m3 with one FP32 scale per 128 x 128 block; norms, router and embeddings in BF16. */
  readonly weightFormat: 'fp8-block128';
  /** Safetensors files of the checkpoint. */
  readonly shards: number;
  readonly sampling: { readonly temperature: number; readonly topP: number };
  readonly source: string;
}

/**
 * DeepSeek-V3.2.
 *
 * @source config.json of deepseek-ai/DeepSeek-V3.2, the same values in
 * deepseek-ai/DeepSeek-V3.2-Exp inference/config_671B_v3.2.json (read 2026-11-23). 163 shards is
 * V3's count, assumed for V3.2. Sampling: model card.
 */
const deepseekV32: ModelRow = {
  id: 'deepseek-ai/DeepSeek-V3.2',
  architecture: {
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
    indexer: { heads: 64, headDim: 128, topK: 2048 },
    mtpLayers: 1,
    maxContextTokens: 163_840,
  },
  weightFormat: 'fp8-block128',
  shards: 163,
  sampling: { temperature: 1.0, topP: 0.95 },
  source: 'config.json of deepseek-ai/DeepSeek-V3.2',
};

export const models: readonly ModelRow[] = [deepseekV32];
