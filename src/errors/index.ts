export { type ErrorCode, type ExitCode, exitCode } from './code.ts';
export { DsdeployError, type DsdeployErrorOptions, type ErrorDetail } from './dsdeploy-error.ts';
