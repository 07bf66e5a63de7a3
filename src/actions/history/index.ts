export { listRevisionObjects } from './list-revisions.ts';
export { type Drift, hasDrift, readDrift } from './read-drift.ts';
export { type History, type RevisionDetail, readHistory, readRevision } from './read-history.ts';
export { readRollback } from './read-rollback.ts';
export { prepareRevision } from './record-revision.ts';
