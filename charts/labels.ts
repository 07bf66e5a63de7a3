/** Labels and annotations that dsdeploy sets and reads back. */
export const metadataKeys = {
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  managedBy: 'app.kubernetes.io/managed-by',
  component: 'app.kubernetes.io/component',
  role: 'dsdeploy/role',
  serves: 'dsdeploy/serves',
  layout: 'dsdeploy/layout',
  unverified: 'dsdeploy/unverified',
  securityExceptions: 'dsdeploy/security-exceptions',
  startScript: 'dsdeploy/start-script-sha256',
  generatedKey: 'dsdeploy/generated-key',
  description: 'kubernetes.io/description',
} as const;

/** Labels of every object of one deployment. */
export function instanceLabels(instance: string): Record<string, string> {
  return {
    [metadataKeys.name]: 'dsdeploy',
    [metadataKeys.instance]: instance,
    [metadataKeys.managedBy]: 'dsdeploy',
  };
}

/** Selects all pods of one deployment. */
export function instanceSelector(instance: string): Record<string, string> {
  return { [metadataKeys.name]: 'dsdeploy', [metadataKeys.instance]: instance };
}

/** Selects the pods of all copies of one serving group. */
export function groupSelector(instance: string, group: string): Record<string, string> {
  return { ...instanceSelector(instance), [metadataKeys.component]: group };
}

/** Label of the pods that serve the API, the leaders of their groups or not. */
export const servesApi: Readonly<Record<string, string>> = { [metadataKeys.serves]: 'api' };

/** Selects the pods that serve the API, in every copy of every group. */
export function servingSelector(instance: string): Record<string, string> {
  return { ...instanceSelector(instance), ...servesApi };
}
