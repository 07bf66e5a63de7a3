import type { AccessRoleManifests } from '../../actions/preflight/index.ts';
import { toYaml } from '../../render/index.ts';

const purposes = {
  'view-plan':
    'plan and health. A dry-run needs the verbs of the write it stands for, so this role can write too;\n# there is no plan without.',
  apply: 'plan, apply and health.',
  destroy: 'destroy.',
} as const;

/** Renders the roles as YAML documents, each under a comment that says what it is for. */
export function renderAccessRoles(roles: readonly AccessRoleManifests[]): string {
  const clusterWide = roles.every(({ manifests }) =>
    manifests.every(
      ({ metadata }) => metadata.namespace === undefined || metadata.namespace === 'lws-system',
    ),
  );
  const note = clusterWide
    ? '# dsdeploy makes the namespace, and a Role cannot stand in one that is not there: these rights hold in\n# every namespace. With `createNamespace: false` and a namespace made beforehand they do not.\n'
    : '';
  const blocks = roles.map(({ role, manifests }) => {
    return `# Role ${role}: ${purposes[role]}\n${toYaml(manifests)}`;
  });
  return note + blocks.join('---\n');
}
