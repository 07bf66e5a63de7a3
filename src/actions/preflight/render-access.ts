import type { Manifest } from '../../manifest/index.ts';
import { type AccessRole, accessRoles, type RbacSubject, renderRole } from '../../plan/index.ts';
import { type AccessRequestInput, findAccessRules } from './access.ts';

/** One role with everything that has to be applied to give it. */
export interface AccessRoleManifests {
  readonly role: AccessRole;
  readonly manifests: readonly Manifest[];
}

/** Renders the least rights to view and plan, to apply, and to destroy a deployment. */
export function renderAccess(
  request: AccessRequestInput,
  subject: RbacSubject,
): AccessRoleManifests[] {
  const rules = findAccessRules(request);
  const { deployment, createNamespace } = request;
  return accessRoles.map((role) => ({
    role,
    manifests: renderRole(rules, {
      deployment,
      role,
      subject,
      namespaceExists: !createNamespace,
    }),
  }));
}
