/** Layers `[first, end)` of one pipeline stage. */
export interface PipelineStage {
  readonly first: number;
  readonly end: number;
}

/**
 * Splits layers over pipeline stages as vLLM does: equal parts, and each layer left over goes to
 * one stage, from the second last backwards, because the last stage also holds the output head.
 *
 * @source vllm/distributed/utils.py get_pp_indices
 */
export function pipelineStages(layers: number, stages: number): PipelineStage[] {
  const sizes = Array.from({ length: stages }, () => Math.floor(layers / stages));
  for (let left = 0; left < layers % stages; left += 1) {
    const index = stages === 1 ? 0 : stages - 2 - left;
    sizes[index] = (sizes[index] ?? 0) + 1;
  }
  let first = 0;
  return sizes.map((size) => {
    const stage = { first, end: first + size };
    first += size;
    return stage;
  });
}
