import type { ApiObject } from '../api-client.ts';
import { loopback } from '../ports.ts';

/** Configuration file of the LeaderWorkerSet manager, which runs outside the cluster. */
export function lwsConfiguration(webhookPort: number, certificateDirectory: string): object {
  return {
    apiVersion: 'config.lws.x-k8s.io/v1alpha1',
    kind: 'Configuration',
    leaderElection: { leaderElect: false },
    internalCertManagement: { enable: false },
    webhook: { host: loopback, port: webhookPort, certDir: certificateDirectory },
    metrics: { bindAddress: '0' },
    health: { healthProbeBindAddress: '0' },
  };
}

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly service: { readonly path: string } };
}

interface WebhookConfiguration extends ApiObject {
  readonly webhooks: readonly Webhook[];
}

/** Pods without this label are none of the manager's business; upstream patches it in likewise. */
const lwsPodsOnly = {
  matchExpressions: [{ key: 'leaderworkerset.sigs.k8s.io/name', operator: 'Exists' }],
};

/**
 * Points the manager's webhook registrations at its address on this machine.
 *
 * In a cluster they name a Service; here the API server must call a URL, with our authority.
 */
export function localWebhooks(
  objects: readonly ApiObject[],
  webhookPort: number,
  authorityPem: string,
): ApiObject[] {
  const caBundle = Buffer.from(authorityPem).toString('base64');
  return objects.filter(isWebhookConfiguration).map((object) => ({
    ...object,
    metadata: { ...object.metadata, name: `lws-${object.metadata.name}` },
    webhooks: object.webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: {
        url: `https://${loopback}:${String(webhookPort)}${webhook.clientConfig.service.path}`,
        caBundle,
      },
      ...(webhook.name.includes('pod.') ? { objectSelector: lwsPodsOnly } : {}),
    })),
  }));
}

function isWebhookConfiguration(object: ApiObject): object is WebhookConfiguration {
  return object.kind?.endsWith('WebhookConfiguration') === true && 'webhooks' in object;
}

/** The smallest valid LeaderWorkerSet; a dry run of it proves CRD, webhooks and manager. */
export const probeLeaderWorkerSet = {
  apiVersion: 'leaderworkerset.x-k8s.io/v1',
  kind: 'LeaderWorkerSet',
  metadata: { name: 'probe', namespace: 'default' },
  spec: {
    replicas: 1,
    leaderWorkerTemplate: {
      size: 1,
      workerTemplate: { spec: { containers: [{ name: 'probe', image: 'probe' }] } },
    },
  },
};
