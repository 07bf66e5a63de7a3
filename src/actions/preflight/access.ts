import type { Manifest } from '../../manifest/index.ts';
import { type AccessRule, accessRules, type DeploymentId } from '../../plan/index.ts';
import { namespaceKinds } from '../destroy/index.ts';
import { referredObjects } from './references.ts';

export interface AccessRequestInput {
  readonly deployment: DeploymentId;
  readonly manifests: readonly Manifest[];
  readonly createNamespace: boolean;
  /** Name of the Secret with the API key, when there is one. */
  readonly keySecret?: string;
}

/** Every right that plan, apply, health and destroy of a deployment need. */
export function findAccessRules(input: AccessRequestInput): AccessRule[] {
  const { deployment, manifests } = input;
  return accessRules({
    ...input,
    referred: referredObjects(manifests, deployment.namespace),
    namespaceKinds,
  });
}
