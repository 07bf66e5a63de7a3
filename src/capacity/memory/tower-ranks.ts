import type { FitRequest } from './fit-request.ts';

/**
 * Ranks that share the matrices of a tower, 0 where there is none. It stays whole where its heads
 * cannot be shared.
 *
 * @source vLLM kimi_k25.py (mm_encoder_tp_mode) and interfaces.py (_mark_tower_model); vision.py of
 * 0.33.0, is_vit_use_data_parallel: whole where heads do not divide, which older releases refuse
 */
export function towerRanks({ model, sharding, step }: FitRequest): number {
  if (model.vision === undefined || step?.vision?.tower === 'none') return 0;
  const asked = step?.vision?.tower ?? (step?.behaviour.images === undefined ? 'whole' : 'cut');
  const divides = model.vision.heads % sharding.tensor === 0;
  return asked === 'cut' && divides ? sharding.tensor : 1;
}
