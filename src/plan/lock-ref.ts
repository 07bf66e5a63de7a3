import type { ObjectRef } from '../manifest/index.ts';
import type { DeploymentId } from './plan.ts';

/** Refers to the Lease that whoever changes a deployment holds; it exists only while somebody does. */
export function lockRef({ name, namespace }: DeploymentId): ObjectRef {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: `${name}-lock` };
}
