import type { FitRequest } from './fit-request.ts';

/** Ascend's fused indexer kernel keeps scores on chip; elsewhere they are a tensor. */
export function scoresInTensors({ model, accelerator }: FitRequest): boolean {
  return model.architecture.indexer !== undefined && accelerator.vendor !== 'huawei';
}
