import { DsdeployError, type ErrorDetail } from '../errors/index.ts';
import type { SpecIssue } from './issue.ts';

/** Turns the issues of a refused file into the error that ends a command. */
export function toSpecError(issues: readonly SpecIssue[], fileName: string): DsdeployError {
  const problems = issues.length === 1 ? '1 problem' : `${issues.length} problems`;
  return new DsdeployError('SPEC_INVALID', `Cannot use the spec: ${problems} in ${fileName}`, {
    subject: fileName,
    hint: 'Run `dsdeploy schema` for every key with its meaning.',
    details: issues.map(toErrorDetail),
  });
}

/** Writes an issue as `file:line:column`, message and hint. */
export function toErrorDetail({ file, line, column, message, hint }: SpecIssue): ErrorDetail {
  return {
    location: `${file}:${line}:${column}`,
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}
