export type { WaitPorts } from './ports.ts';
export { type HealthCluster, type HealthPorts } from './ports.ts';
export { type ApiKey, readApiKey, secretsOf } from './read-api-key.ts';
export { type ReadHealthOptions, readHealth } from './read-health.ts';
export { addFindings, addTimeline } from './read-starts.ts';
export { TimelineFeed } from './timeline-feed.ts';
export {
  defaultTimeoutSeconds,
  type WaitForHealthOptions,
  waitForHealth,
} from './wait-for-health.ts';
