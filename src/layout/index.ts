export type { Note, Reason } from '../engines/index.ts';
export { formatParallelism } from './format-parallelism.ts';
export type * from './layout.ts';
export { planLayout } from './plan-layout.ts';
