import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Manifest } from '../../src/manifest/index.ts';
import { makeCertificates } from '../contract/certificates.ts';

/** What a webhook says to an object: a JSON patch, or why not. */
export type AdmissionAnswer =
  | { readonly patch: readonly object[] }
  | { readonly denied: string }
  | undefined;

export interface AdmissionServer {
  readonly url: string;
  /** PEM of the authority, in base64 as a webhook configuration wants it. */
  readonly caBundle: string;
  close(): Promise<void>;
}

interface AdmissionReview {
  readonly request: { readonly uid: string; readonly object: Manifest };
}

/** Serves an admission webhook on this machine; `undefined` lets an object through as it is. */
export async function startAdmissionServer(
  answer: (object: Manifest) => AdmissionAnswer,
): Promise<AdmissionServer> {
  const { ca, cert, key } = await makeCertificates();
  const server = createServer({ cert, key }, (request, response) => {
    void text(request).then((body) => {
      const { request: asked } = JSON.parse(body) as AdmissionReview;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid: asked.uid, ...toResponse(answer(asked.object)) },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${String(port)}/`,
    caBundle: Buffer.from(ca).toString('base64'),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toResponse(answer: AdmissionAnswer): object {
  if (answer === undefined) return { allowed: true };
  if ('denied' in answer) return { allowed: false, status: { message: answer.denied } };
  const patch = Buffer.from(JSON.stringify(answer.patch)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}

/** Registers a webhook for one kind in namespaces that have the label `webhook=NAME`. */
export function webhookConfiguration(
  kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration',
  name: string,
  {
    server,
    resource,
  }: {
    readonly server: AdmissionServer;
    readonly resource: { readonly group: string; readonly version: string; readonly name: string };
  },
): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        clientConfig: { url: server.url, caBundle: server.caBundle },
        namespaceSelector: { matchLabels: { webhook: name } },
        rules: [
          {
            apiGroups: [resource.group],
            apiVersions: [resource.version],
            resources: [resource.name],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 10,
      },
    ],
  };
}
