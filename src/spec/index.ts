export type { SpecIssue, SpecIssueCode } from './issue.ts';
export { type JsonSchema, specJsonSchema } from './json-schema.ts';
export { type ParseSpecOptions, parseSpec, type SpecResult } from './parse-spec.ts';
export type * from './spec.ts';
export { toErrorDetail, toSpecError } from './spec-error.ts';
export { toSpecFile } from './to-spec-file.ts';
