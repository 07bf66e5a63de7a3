import { sglangMetrics } from '../../engines/sglang/observability.ts';
import { vllmMetrics } from '../../engines/vllm/observability.ts';

/** Sizes that an SGLang server was started with, as its command line has them. */
export interface SglangSizes {
  /** Ranks of a pipeline stage. */
  readonly tensor: number;
  readonly pipeline: number;
  /** Whole copies, or attention data ranks where the release has no size of their own for them. */
  readonly data: number;
  readonly attentionData: number;
}

/** The page of an SGLang server about itself, as far as it follows from the command line. */
export function sglangServerInfoPage({
  tensor,
  pipeline,
  data,
  attentionData,
}: SglangSizes): object {
  const sizes = { tp_size: tensor, pp_size: pipeline, dp_size: data, attn_dp_size: attentionData };
  const states = Array.from({ length: data * attentionData }, () => ({}));
  return { ...sizes, internal_states: states };
}

/** Metrics of the simulator, which counts under the names of vLLM, under those of SGLang. */
export function toSglangMetrics(exposition: string): string {
  return exposition.replaceAll(/vllm:\w+/g, (name) => {
    const known = names.find(({ from }) => name === from || name.startsWith(`${from}_`));
    return known === undefined ? name : name.replace(known.from, known.to);
  });
}

const vllmNames: readonly (readonly [meaning: string, name: string])[] =
  Object.entries(vllmMetrics);
const sglangNames: ReadonlyMap<string, string> = new Map(Object.entries(sglangMetrics));

const names = vllmNames.flatMap(([meaning, from]) => {
  const to = sglangNames.get(meaning);
  return to === undefined ? [] : [{ from, to }];
});
