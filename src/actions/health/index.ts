export { addFindings, addTimeline } from './explain/read-starts.ts';
export type { WaitPorts } from './ports.ts';
export { type HealthCluster, type HealthPorts } from './ports.ts';
export { type ApiKey, readApiKey, secretsOf } from './probe/read-api-key.ts';
export { type ReadHealthOptions, readHealth } from './read-health.ts';
export { TimelineFeed } from './wait/timeline-feed.ts';
export {
  defaultTimeoutSeconds,
  type WaitForHealthOptions,
  waitForHealth,
} from './wait/wait-for-health.ts';
