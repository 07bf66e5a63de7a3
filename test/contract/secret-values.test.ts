import { describe, expect, test } from 'vitest';
import { DsdeployError } from '../../src/errors/index.ts';
import { createStyle } from '../../src/ui/style.ts';
import { renderError, toErrorDocument } from '../../src/ui/text/error.ts';
import { json, raw, status } from './fake-api-server.ts';
import { errorOf, openFake } from './open-fake.ts';

const style = createStyle({ color: false, unicode: true, width: 1000 });

describe('a value that must not show', () => {
  const canary = 'c4nary-5d1f"x';
  const quoted = JSON.stringify(canary);
  const env = [{ name: 'API_KEY', value: canary }];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'ds' },
    spec: { containers: [{ name: 'engine', env, args: [`--api-key=${canary}`] }] },
  };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'a', namespace: 'ds' },
    data: { key: Buffer.from(canary).toString('base64') },
  };
  const echo = `Pod "a" is invalid: spec.containers[0].env[0].value: Invalid value: ${quoted}: no`;

  test.each([
    [
      'an environment variable, refused',
      pod,
      status(422, 'Invalid', echo, { details: { causes: [{ message: echo, field: 'x' }] } }),
    ],
    [
      'an argument, refused by a webhook',
      pod,
      status(403, 'Forbidden', `admission webhook "w" denied the request: --api-key=${canary}`),
    ],
    [
      'a Secret, refused',
      secret,
      status(422, 'Invalid', `bad data ${Buffer.from(canary).toString('base64')}`),
    ],
    [
      'a Secret from plain text, as the server keeps it',
      { ...secret, data: {}, stringData: { key: canary } },
      status(403, 'Forbidden', `denied: key=${Buffer.from(canary).toString('base64')} is weak`),
    ],
    [
      'an address with a password, whatever the name of the variable',
      { ...pod, spec: { containers: [{ env: [{ name: 'DB', value: `amqp://u:${canary}@q` }] }] } },
      status(403, 'Forbidden', `denied: DB=amqp://u:${canary}@q is not encrypted`),
    ],
    ['a Secret, decoded', secret, status(400, 'BadRequest', `cannot use ${canary}`)],
    ['half an answer', secret, raw(`{"kind":"Secret","data":{"key":"${canary}`)],
  ])('is taken out of the error: %s', async (_what, manifest, reply) => {
    const { server, cluster } = await openFake();
    const plural = `${manifest.kind.toLowerCase()}s`;
    server.on(`PATCH /api/v1/namespaces/ds/${plural}/a`, reply);
    const error = await errorOf(cluster.apply(manifest, { dryRun: false, force: false }));
    const shown = [
      renderError(error, { version: '0' }, style),
      JSON.stringify(toErrorDocument(error)),
    ];
    for (const text of shown) {
      expect(text).not.toContain('c4nary');
      expect(text).not.toContain(Buffer.from(canary).toString('base64'));
    }
    expect(error).toBeInstanceOf(DsdeployError);
  });

  test('is taken out of a warning of the server', async () => {
    const { server, cluster } = await openFake();
    const headers = { warning: '299 - "env API_KEY=c4nary-plain looks odd"' };
    const live = { ...pod, metadata: { ...pod.metadata, uid: 'u', resourceVersion: '1' } };
    server.on('PATCH /api/v1/namespaces/ds/pods/a', json(live, headers));
    const plain = [{ name: 'engine', env: [{ name: 'API_KEY', value: 'c4nary-plain' }] }];
    const manifest = { ...pod, spec: { containers: plain } };
    const { warnings } = await cluster.apply(manifest, { dryRun: false, force: false });
    expect(warnings).toEqual(['env API_KEY=(secret) looks odd']);
  });
});
