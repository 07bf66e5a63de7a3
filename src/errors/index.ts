export { type ErrorCode, type ExitCode, errorRegistry, exitCode } from './code.ts';
export { DsdeployError, type DsdeployErrorOptions, type ErrorDetail } from './dsdeploy-error.ts';
