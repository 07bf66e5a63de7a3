export type { Lock } from './lock.ts';
export { type LockOwner, takeLock } from './take-lock.ts';
