export type { WaitPorts } from './ports.ts';
export { type ReadHealthOptions, readHealth } from './read-health.ts';
export {
  defaultTimeoutSeconds,
  type WaitForHealthOptions,
  waitForHealth,
} from './wait-for-health.ts';
