import {
  isInteger,
  json,
  jsonObject,
  type ParserDialect,
  plainTypes,
  type ValueType,
} from '../argument-type.ts';

/** Other suffixes than vLLM's: `8k` is 8,000, `8Ki` 8,192, and there is no `8K`. */
const readableInteger: ValueType = (value) =>
  isInteger(value) || /^\s*(?:\d+(?:\.\d+)?[kMGT]|\d+[KMGT]i)\s*$/.test(value)
    ? undefined
    : 'an integer, such as 8192, 8k (8,000) or 8Ki (8,192)';

/**
 * The parser of `sglang.launch_server`.
 *
 * @source sglang/srt/utils/common.py and model_executor/cuda_graph_config.py of 0.5.12 to 0.5.23
 */
export const sglangParser: ParserDialect = {
  types: {
    ...plainTypes,
    human_readable_int: readableInteger,
    json_list_type: json,
    parse_cuda_graph_config_arg: jsonObject,
  },
  keyedTypes: new Set(),
  rewrites: {},
};
