import type { ObjectRef } from '../../manifest/index.ts';
import type { ClusterTarget, DeploymentId, RetainedObject } from '../../plan/index.ts';

/** What a destroy did. Plain data. */
export interface DestroyResult {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'DestroyResult';
  readonly deployment: DeploymentId;
  readonly target: ClusterTarget;
  /** In the order of deletion, all of them gone; empty when there was nothing to destroy. */
  readonly deleted: readonly ObjectRef[];
  readonly retained: readonly RetainedObject[];
}
