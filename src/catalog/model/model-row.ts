import type { ModelFamily } from '../model-family.ts';
import type { WeightFormatId } from '../weight-format.ts';

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
  readonly indexer?: IndexerShape;
  /** Multi-token-prediction modules in the checkpoint. */
  readonly mtpLayers: number;
  readonly maxContextTokens: number;
}

export interface IndexerShape {
  readonly heads: number;
  readonly headDim: number;
  readonly topK: number;
  /**
   * Layers that hold indexer weights; the others reuse a neighbour's choice. Whether they have a cache
   * for its keys all the same is the engine's affair.
   *
   * @default - all layers
   */
  readonly weightLayers?: number;
}

/** Shape of a vision tower in BF16; elements unless the name says otherwise. */
export interface VisionTower {
  /** Weights that tensor ranks may share. */
  readonly cutBytes: number;
  /** Weights that each rank holds: norms, patches and the projector. */
  readonly wholeBytes: number;
  readonly heads: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  /** Values of one patch of an image. */
  readonly patchValues: number;
  readonly patchesPerToken: number;
  /** Patches of the largest image or video chunk that a request may hold. */
  readonly largestItemPatches: number;
  /** Table of rotations, made with the first image and kept. */
  readonly rotationBytes: number;
}

export interface ModelRow {
  readonly id: string;
  /** Chat format, tool calls and thinking; `other` where no engine's parsers are known. */
  readonly family: ModelFamily;
  readonly architecture: ModelArchitecture;
  /** Row of `weightFormats`: the format of each kind of matrix. */
  readonly weightFormat: WeightFormatId;
  /**
   * Vision tower and its projector, on every pipeline stage.
   *
   * @default - the model does not see
   */
  readonly vision?: VisionTower;
  /**
   * Safetensors files of the checkpoint.
   *
   * @default - not known
   */
  readonly shards?: number;
  readonly sampling: { readonly temperature: number; readonly topP: number };
  readonly source: string;
}
