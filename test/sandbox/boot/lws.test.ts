import { describe, expect, test } from 'vitest';

import { localWebhooks } from '../../../src/sandbox/boot/lws.ts';

const upstream = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'mutating-webhook-configuration' },
  webhooks: ['mleaderworkerset.kb.io', 'mpod.kb.io'].map((name) => ({
    name,
    clientConfig: { service: { name: 'webhook-service', namespace: 'system', path: `/${name}` } },
    failurePolicy: 'Fail',
  })),
};

describe('localWebhooks()', () => {
  test('calls the manager by URL with our authority', () => {
    const [configuration] = localWebhooks([upstream], 1234, 'PEM');
    expect(configuration).toMatchObject({
      metadata: { name: 'lws-mutating-webhook-configuration' },
      webhooks: [
        {
          failurePolicy: 'Fail',
          clientConfig: {
            url: 'https://127.0.0.1:1234/mleaderworkerset.kb.io',
            caBundle: Buffer.from('PEM').toString('base64'),
          },
        },
        { objectSelector: { matchExpressions: [{ key: 'leaderworkerset.sigs.k8s.io/name' }] } },
      ],
    });
    expect(JSON.stringify(configuration)).not.toContain('webhook-service');
  });
});
