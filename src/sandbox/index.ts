export { applyStages, deleteStages, type Stage, setPodReadyDelay } from './boot/stages.ts';
export { ensureSandboxBinaries } from './build/binaries.ts';
export { mintKubeconfig } from './kubeconfig.ts';
export { type NodePoolOption, nodeKinds } from './node-pool.ts';
export { defaultSandboxDirectory } from './paths.ts';
export { type SandboxOptions, startSandbox } from './start.ts';
export type { SandboxState } from './state.ts';
export { readSandboxStatus, type SandboxStatus } from './status.ts';
export { type StopResult, stopSandbox } from './stop.ts';
