import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openCluster } from '../../src/cluster/index.ts';
import { makeCertificates, type TestCertificates } from './certificates.ts';
import { FakeApiServer, status } from './fake-api-server.ts';
import { errorOf, openAt, openFake, writeKubeconfig } from './open-fake.ts';
import { startSocksProxy } from './socks-proxy.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const trusting = ({ ca }: TestCertificates) => ({ 'certificate-authority-data': base64(ca) });

/** A server in the background that answers `kube-system` with forbidden. */
async function openTls(tls: TestCertificates, cluster: object, user: object = {}) {
  const opened = await openFake({ tls, cluster, user });
  opened.server.on('GET /api/v1/namespaces/kube-system', status(403, 'Forbidden', 'no'));
  return opened;
}

describe('TLS', () => {
  test('accepts the authority of the kubeconfig', async () => {
    const tls = await makeCertificates();
    const { cluster } = await openTls(tls, trusting(tls));
    expect(await cluster.readTarget()).toMatchObject({ serverVersion: 'v1.36.3' });
    expect(cluster.warnings).toEqual([]);
  });

  test('compares with tls-server-name where it is given', async () => {
    const tls = await makeCertificates({ names: ['api.internal'] });
    const { cluster } = await openTls(tls, { ...trusting(tls), 'tls-server-name': 'api.internal' });
    expect(await cluster.readTarget()).toMatchObject({ serverVersion: 'v1.36.3' });
  });

  const skip = { 'insecure-skip-tls-verify': true };
  test('can be left unverified, with a warning', async () => {
    const { cluster } = await openTls(await makeCertificates(), skip);
    expect(await cluster.readTarget()).toMatchObject({ serverVersion: 'v1.36.3' });
    expect(cluster.warnings).toEqual([expect.stringContaining('insecure-skip-tls-verify')]);
  });

  test.each([
    {
      what: 'an unknown authority',
      options: {},
      trust: async () => trusting(await makeCertificates()),
      reason: 'signed by an authority the kubeconfig does not know',
    },
    {
      what: 'no authority at all',
      options: {},
      trust: () => Promise.resolve({}),
      reason: 'signed by an authority the kubeconfig does not know',
    },
    {
      what: 'an expired certificate',
      options: { validDays: -1 },
      trust: (own: TestCertificates) => Promise.resolve(trusting(own)),
      reason: 'has expired',
    },
    {
      what: 'a certificate for another name',
      options: { names: ['api.internal'] },
      trust: (own: TestCertificates) => Promise.resolve(trusting(own)),
      reason: 'is for other names',
    },
  ])(
    'refuses $what and never suggests to skip verification',
    async ({ options, trust, reason }) => {
      const tls = await makeCertificates(options);
      const { cluster } = await openTls(tls, await trust(tls));
      const error = await errorOf(cluster.readTarget());
      expect(error).toMatchObject({
        code: 'CLUSTER_TLS',
        message: expect.stringContaining(reason) as string,
      });
      expect(JSON.stringify(error)).not.toMatch(/insecure|skip/);
    },
  );

  test('reports a server that speaks plain http', async () => {
    const { server } = await openFake();
    const cluster = await openAt(server.url.replace('http:', 'https:'));
    expect(await errorOf(cluster.readTarget())).toMatchObject({ code: 'CLUSTER_TLS' });
  });

  test('reports an expired client certificate when the server refuses', async () => {
    const tls = await makeCertificates();
    const client = await makeCertificates({ validDays: -2 });
    const { server, cluster } = await openTls(tls, trusting(tls), {
      token: null,
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64(client.key),
    });
    server.on('GET /version', status(401, 'Unauthorized', 'Unauthorized'));
    expect(await errorOf(cluster.readTarget())).toMatchObject({
      code: 'CLUSTER_UNAUTHORIZED',
      hint: expect.stringMatching(/the client certificate expired on \d{4}-\d\d-\d\d/) as string,
    });
  });
});

/** A forward proxy that records where it was asked to go. */
async function startProxy(answer = 'HTTP/1.1 200 OK\r\n\r\n') {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((request, response) => {
    targets.push(request.url ?? '');
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"gitVersion":"by-proxy"}');
  });
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    targets.push(request.url ?? '');
    socket.write(answer);
    if (!answer.includes(' 200 ')) {
      socket.end();
      return;
    }
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    const upstream = connect(Number(port), hostname);
    sockets.add(socket).add(upstream);
    socket.pipe(upstream).pipe(socket);
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.closeAllConnections();
    proxy.close();
  });
  return { targets, url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}

describe('warnings', () => {
  test('tell of plain http and of a kubeconfig that others can read', async () => {
    const { server } = await openFake();
    const kubeconfig = await writeKubeconfig({
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      contexts: [{ name: 'c', context: { cluster: 'c' } }],
    });
    await chmod(kubeconfig, 0o644);
    const cluster = await openCluster({ kubeconfig, env: {} });
    expect(cluster.warnings).toEqual([
      expect.stringContaining('without TLS'),
      expect.stringContaining(`chmod 600 ${kubeconfig}`),
    ]);
    await cluster.close();
  });
});

describe('a proxy', () => {
  test('of the kubeconfig tunnels to the server', async () => {
    const tls = await makeCertificates();
    const { targets, url } = await startProxy();
    const { server, cluster } = await openTls(tls, { ...trusting(tls), 'proxy-url': url });
    expect(await cluster.readTarget()).toMatchObject({ serverVersion: 'v1.36.3' });
    expect(new Set(targets)).toEqual(new Set([new URL(server.url).host]));
  });

  test('that speaks SOCKS5 tunnels to the server', async () => {
    const tls = await makeCertificates();
    const { targets, url } = await startSocksProxy();
    const { server, cluster } = await openTls(tls, { ...trusting(tls), 'proxy-url': url });
    expect(await cluster.readTarget()).toMatchObject({ serverVersion: 'v1.36.3' });
    expect(new Set(targets)).toEqual(new Set([new URL(server.url).host]));
  });

  test('of the environment is asked for a server elsewhere', async () => {
    const { targets, url } = await startProxy('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const cluster = await openAt('https://api.example.test:6443', {
      open: { env: { HTTPS_PROXY: url } },
    });
    expect(await errorOf(cluster.readTarget())).toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: expect.stringContaining('the proxy refused the connection') as string,
    });
    expect(targets[0]).toBe('api.example.test:6443');
  });

  test('of an unknown kind is refused without its password', async () => {
    const cluster = await openAt('https://api.example.test', {
      cluster: { 'proxy-url': 'socks4://me:TOPSECRET@10.0.0.1' },
    });
    const error = await errorOf(cluster.readTarget());
    expect(error).toMatchObject({ code: 'KUBECONFIG_INVALID' });
    expect(JSON.stringify(error) + String(error)).not.toContain('TOPSECRET');
  });
});

test('FakeApiServer answers an unknown route with a 404 Status and records it', async () => {
  const server = await FakeApiServer.start();
  onTestFinished(() => server.stop());
  const response = await fetch(`${server.url}/nowhere?a=b`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ kind: 'Status', reason: 'NotFound' });
  expect(server.requests).toMatchObject([{ method: 'GET', path: '/nowhere' }]);
});
