import type { ObjectRef } from '../../manifest/index.ts';
import type { ClusterTarget, DeploymentId, RetainedObject } from '../../plan/index.ts';

/** What an apply did, object by object. Plain data. */
export interface ApplyResult {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'ApplyResult';
  readonly deployment: DeploymentId;
  readonly target: ClusterTarget;
  /** In the order of the plan. */
  readonly applied: readonly AppliedObject[];
  /** Left alone though not wanted any more. */
  readonly retained: readonly RetainedObject[];
  /** Warnings the API server sent while writing. */
  readonly warnings: readonly string[];
}

export interface AppliedObject {
  readonly ref: ObjectRef;
  readonly outcome: ApplyOutcomeName;
}

/**
 * `adopted` is an object that others had made; `gone` is one that was to be deleted and had vanished by
 * itself.
 */
export type ApplyOutcomeName = 'created' | 'updated' | 'adopted' | 'unchanged' | 'deleted' | 'gone';
