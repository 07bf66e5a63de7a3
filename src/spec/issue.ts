/** Steps into the YAML value: keys of mappings and indexes of lists. */
export type SpecPath = readonly (string | number)[];

/** What kind of problem a spec issue is; stable across releases. */
export type SpecIssueCode =
  | 'AMBIGUOUS_NUMBER'
  | 'API_CLIENT_SHAPE'
  | 'DUPLICATE_GROUP'
  | 'DUPLICATE_KEY'
  | 'EMPTY_FILE'
  | 'FABRIC_MISSING'
  | 'GID_INDEX_MISSING'
  | 'HOST_NETWORK_WITHOUT_INTERFACE'
  | 'INVALID_VALUE'
  | 'MISSING_KEY'
  | 'MISSING_VALUE'
  | 'NAME_MAKES_ENGINE_VARIABLE'
  | 'NAME_TOO_LONG'
  | 'NOT_A_MAPPING'
  | 'NOT_A_SPEC'
  | 'POOL_OVERCOMMITTED'
  | 'POOL_UNUSED'
  | 'RESERVED_GROUP_NAME'
  | 'SEVERAL_DOCUMENTS'
  | 'SHARED_MEMORY_TOO_LARGE'
  | 'UNKNOWN_KEY'
  | 'UNKNOWN_POOL'
  | 'UNKNOWN_RELEASE'
  | 'WEIGHTS_SOURCE'
  | 'WRONG_TYPE'
  | 'YAML_ALIAS'
  | 'YAML_SYNTAX'
  | 'YAML_TAG';

/** One problem in the user's file. */
export interface SpecIssue {
  readonly code: SpecIssueCode;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Where in the value, for example `groups[0].parallelism.tensor`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  /** One imperative sentence, with the exact command or key where there is one. */
  readonly hint?: string;
}

/** An issue as a stage finds it, before the file's positions are looked up. */
export interface Finding {
  readonly code: SpecIssueCode;
  readonly path: SpecPath;
  /** Which part of the entry to point at; the value unless said otherwise. */
  readonly at?: 'key' | 'value';
  readonly message: string;
  readonly hint?: string;
}

/** A problem of the text itself, found before there is a tree of values. */
export interface TextFinding {
  readonly code: SpecIssueCode;
  /** Characters from the start of the text. */
  readonly offset: number;
  readonly path?: string;
  readonly message: string;
  readonly hint: string;
}

/** Writes a path as people write it: `pools.h200.nodeSelector["nvidia.com/gpu.product"]`. */
export function formatPath(path: SpecPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
