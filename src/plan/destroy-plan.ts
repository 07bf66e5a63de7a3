import type {
  ClusterTarget,
  DeleteChange,
  DeploymentId,
  InventoryChange,
  RetainedObject,
} from './plan.ts';

/** What would be deleted to remove a deployment. Plain data. */
export interface DestroyPlan {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'DestroyPlan';
  readonly deployment: DeploymentId;
  readonly target: ClusterTarget;
  /** In the order of deletion: workloads first, the namespace last. */
  readonly deletes: readonly DeleteChange[];
  readonly retained: readonly RetainedObject[];
  /** Absent when there is no inventory, hence nothing that could be destroyed. */
  readonly inventory?: InventoryChange;
}
