export {
  type PlanPorts,
  type PlanRequest,
  planDeployment,
  planOffline,
} from './plan-deployment.ts';
export { readOrphan } from './read-orphan.ts';
export { leaveOutUnserved } from './unserved-kinds.ts';
