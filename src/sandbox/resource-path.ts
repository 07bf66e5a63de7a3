/** REST path of each kind the sandbox itself writes; `%` stands for the namespace. */
const resourcePaths: Readonly<Record<string, string>> = {
  ClusterLogs: '/apis/kwok.x-k8s.io/v1alpha1/clusterlogs',
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  Logs: '/apis/kwok.x-k8s.io/v1alpha1/namespaces/%/logs',
  MutatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  Node: '/api/v1/nodes',
  PortForward: '/apis/kwok.x-k8s.io/v1alpha1/namespaces/%/portforwards',
  Stage: '/apis/kwok.x-k8s.io/v1alpha1/stages',
  StorageClass: '/apis/storage.k8s.io/v1/storageclasses',
  ValidatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
};

/** Returns the REST path of the collection an object belongs to. */
export function resourcePath(kind: string, namespace = 'default'): string {
  const path = resourcePaths[kind];
  if (path === undefined) throw new Error(`sandbox does not know the kind "${kind}"`);
  return path.replace('%', namespace);
}
