import {
  isInteger,
  json,
  jsonObject,
  type ParserDialect,
  plainTypes,
  type ValueType,
} from '../argument-type.ts';

/** `8k` is 8,000, `8K` 8,192, and `1.5K` nothing. */
const readableInteger: ValueType = (value) =>
  isInteger(value) || /^\s*(?:\d+(?:\.\d+)?[kmgt]|\d+[KMGT])\s*$/.test(value)
    ? undefined
    : 'an integer, such as 8192, 8k (8,000) or 8K (8,192)';

const readableOrAuto: ValueType = (value) =>
  /^\s*(?:-1|auto)\s*$/i.test(value) ? undefined : readableInteger(value);

/** An object, or a text that does not look like one. */
const objectOrText: ValueType = (value) =>
  /^\s*\{[^]*\}\s*$/.test(value) ? json(value) : undefined;

/**
 * The parser of `vllm serve`. What stands behind an `optional_type()` is in no schema: only values
 * that look like JSON are looked at.
 *
 * @source vllm/utils/argparse_utils.py and vllm/engine/arg_utils.py of 0.18.1 to 0.33.0
 */
export const vllmParser: ParserDialect = {
  types: {
    ...plainTypes,
    human_readable_int: readableInteger,
    human_readable_int_or_auto: readableOrAuto,
    'optional_type()': (value) => (/^\s*[[{]/.test(value) ? json(value) : undefined),
    'parse_type()': json,
    '_compute_kwargs()': jsonObject,
    union_dict_and_str: objectOrText,
  },
  keyedTypes: new Set([
    'loads',
    'optional_type()',
    'parse_type()',
    '_compute_kwargs()',
    'union_dict_and_str',
  ]),
  // Names of backends.
  rewrites: {
    'EngineArgs.add_cli_args()': (value) => value.toLowerCase().replaceAll('-', '_'),
  },
};
