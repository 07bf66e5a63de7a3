export type * from './rank-memory.ts';
