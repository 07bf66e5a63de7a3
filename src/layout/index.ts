export type { Note, Reason } from '../engines/index.ts';
export { formatParallelism } from './format-parallelism.ts';
export {
  builtInCatalog,
  type GroupFacts,
  groupFacts,
  type LayoutCatalog,
  siteCatalog,
} from './group-facts.ts';
export type * from './layout.ts';
export { planLayout } from './plan-layout.ts';
export { type PodSecurity, podSecurityOf, rdmaOf, usesHostNetwork } from './pod-security.ts';
export { fitRequestOf } from './rank-memory.ts';
export {
  ownSpace,
  questionFor,
  questionOfGroup,
  type SearchQuestion,
  type SearchSpace,
  searchGroup,
} from './search-group.ts';
