import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadKubeconfig } from '../../../src/cluster/kubeconfig/load-kubeconfig.ts';
import { resolveContext } from '../../../src/cluster/kubeconfig/resolve-context.ts';
import { errorOf, tempFolder } from '../../contract/open-fake.ts';

/** A kubeconfig with one context, cluster and user per name. */
function config(names: readonly string[], current?: string, server = 'https://example.test') {
  return {
    ...(current === undefined ? {} : { 'current-context': current }),
    clusters: names.map((name) => ({ name, cluster: { server: `${server}/${name}` } })),
    users: names.map((name) => ({ name, user: { token: name } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
  };
}

/** Writes files into a folder and returns their paths by name. */
async function files(contents: Readonly<Record<string, object | string>>) {
  const folder = await tempFolder();
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : stringify(content));
  }
  return { folder, path: (name: string) => join(folder, name) };
}

describe('loadKubeconfig()', () => {
  test('prefers the flag over KUBECONFIG and the home folder', async () => {
    const { folder, path } = await files({
      flag: config(['f'], 'f'),
      env: config(['e'], 'e'),
      '.kube/config': config(['h'], 'h'),
    });
    const load = async (env: Record<string, string>, kubeconfig?: string) =>
      (await loadKubeconfig({ kubeconfig, env })).currentContext;
    expect(await load({ KUBECONFIG: path('env'), HOME: folder }, path('flag'))).toBe('f');
    expect(await load({ KUBECONFIG: path('env'), HOME: folder })).toBe('e');
    expect(await load({ KUBECONFIG: '', HOME: folder })).toBe('h');
  });

  test.each([
    ['the first current context wins', [config(['a'], 'a'), config(['b'], 'b')], 'a'],
    ['a file without one leaves it to the next', [config(['a']), config(['b'], 'b')], 'b'],
    ['an empty one counts as none', [config(['a'], ''), config(['b'], 'b')], 'b'],
    ['an empty file counts for nothing', ['', config(['b'], 'b')], 'b'],
  ])('merges: %s', async (_, contents, expected) => {
    const named = Object.fromEntries(contents.map((content, index) => [String(index), content]));
    const { path } = await files(named);
    const list = Object.keys(named).map(path);
    const merged = await loadKubeconfig({ env: { KUBECONFIG: list.join(delimiter) } });
    expect(merged.currentContext).toBe(expected);
  });

  test('takes an entry whole from the first file that has its name', async () => {
    const { path } = await files({
      one: { ...config([]), users: [{ name: 'x', user: { token: 'first' } }] },
      two: {
        ...config(['x'], 'x'),
        users: [{ name: 'x', user: { username: 'u', password: 'p' } }],
      },
    });
    const env = { KUBECONFIG: [path('one'), path('two')].join(delimiter) };
    expect(resolveContext(await loadKubeconfig({ env })).user).toEqual({ token: 'first' });
  });

  test('skips files of the list that are missing, and empty items', async () => {
    const { path } = await files({ one: config(['a'], 'a') });
    const env = { KUBECONFIG: [path('missing'), '', path('one'), path('one')].join(delimiter) };
    expect(await loadKubeconfig({ env })).toMatchObject({
      currentContext: 'a',
      files: [path('one')],
    });
  });

  test.each([
    [
      'the flag',
      { kubeconfig: '/nowhere/config', env: {} },
      /\/nowhere\/config \(from --kubeconfig\)/,
    ],
    ['KUBECONFIG', { env: { KUBECONFIG: '/a:/b' } }, /\/a, \/b \(from KUBECONFIG\)/],
    ['the home folder', { env: { HOME: '/nowhere' } }, /\/nowhere\/\.kube\/config/],
  ])('reports that %s names no file', async (_, options, message) => {
    const error = await errorOf(loadKubeconfig(options));
    expect(error).toMatchObject({
      code: 'KUBECONFIG_NOT_FOUND',
      message: expect.stringMatching(message) as string,
    });
    expect(String(error)).not.toContain('localhost');
  });

  test.each([
    ['broken YAML', 'clusters:\n  - {name: x\nusers: [', /config:\d+:\d+$/],
    ['a list', '- a\n', /config$/],
    ['a text', 'hello', /config$/],
    ['a cluster without name', stringify({ clusters: [{ cluster: {} }] }), /config$/],
    ['a name defined twice', stringify({ users: [{ name: 'a' }, { name: 'a' }] }), /config$/],
  ])('reports %s with its place', async (_, text, subject) => {
    const { path } = await files({ config: text });
    expect(await errorOf(loadKubeconfig({ kubeconfig: path('config'), env: {} }))).toMatchObject({
      code: 'KUBECONFIG_INVALID',
      subject: expect.stringMatching(subject) as string,
    });
  });

  test('reports a folder in place of a file', async () => {
    const { folder } = await files({});
    await chmod(folder, 0o700);
    expect(await errorOf(loadKubeconfig({ kubeconfig: folder, env: {} }))).toMatchObject({
      code: 'KUBECONFIG_INVALID',
      subject: folder,
    });
  });
});

describe('resolveContext()', () => {
  async function resolve(content: object | string, context?: string) {
    const { path } = await files({ 'sub/config': content });
    const kubeconfig = await loadKubeconfig({ kubeconfig: path('sub/config'), env: {} });
    return { folder: path('sub'), run: () => resolveContext(kubeconfig, context) };
  }

  async function failure(content: object | string, context?: string) {
    const { run } = await resolve(content, context);
    return errorOf(Promise.resolve().then(run));
  }

  test('chooses the named context over the current one', async () => {
    const { run } = await resolve(config(['a', 'b'], 'a'), 'b');
    expect(run()).toMatchObject({
      context: 'b',
      clusterName: 'b',
      userName: 'b',
      user: { token: 'b' },
    });
  });

  test('lists the available contexts, nearest first', async () => {
    expect(await failure(config(['dev', 'prod-eu', 'staging'], 'dev'), 'prod-eus')).toMatchObject({
      code: 'CONTEXT_NOT_FOUND',
      message: expect.stringContaining('there are "prod-eu", ') as string,
      hint: expect.stringContaining('--context prod-eu') as string,
    });
  });

  test('shortens a long list', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `c${index}`);
    expect(String(await failure(config(names), 'x'))).toContain('and 15 more');
  });

  test.each([
    ['no current context', config(['a', 'b']), /no current context is set, there are "a", "b"/],
    ['no contexts', {}, /the kubeconfig has no contexts/],
    ['an empty file', '', /the kubeconfig has no contexts/],
  ])('refuses %s instead of guessing', async (_, content, message) => {
    expect(await failure(content)).toMatchObject({
      code: 'CONTEXT_NOT_FOUND',
      message: expect.stringMatching(message) as string,
    });
  });

  const one = config(['a'], 'a');
  test.each([
    ['a missing cluster', { ...one, clusters: [] }, /names the cluster "a", which is not defined/],
    ['a missing user', { ...one, users: [] }, /names the user "a", which is not defined/],
    [
      'a cluster without server',
      { ...one, clusters: [{ name: 'a', cluster: {} }] },
      /cluster "a": server/,
    ],
    [
      'a server that is no URL',
      { ...one, clusters: [{ name: 'a', cluster: { server: 'ftp://x' } }] },
      /not an http or https URL/,
    ],
    ['a numeric token', { ...one, users: [{ name: 'a', user: { token: 7 } }] }, /user "a": token/],
    ['a plug-in without command', { ...one, users: [{ name: 'a', user: { exec: {} } }] }, /exec/],
  ])('reports %s', async (_, content, message) => {
    expect(await failure(content)).toMatchObject({
      code: 'KUBECONFIG_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  test('minds only the entries the context uses', async () => {
    const broken = { name: 'other', cluster: { server: 7 } };
    const { run } = await resolve({ ...one, clusters: [...one.clusters, broken] });
    expect(run().context).toBe('a');
  });

  test('makes files and plug-in paths relative to the kubeconfig, but not plug-in names', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './bin/login' };
    const { folder, run } = await resolve({
      ...one,
      clusters: [
        { name: 'a', cluster: { server: 'https://x', 'certificate-authority': 'ca.pem' } },
      ],
      users: [{ name: 'a', user: { tokenFile: '/abs/token', 'client-key': '../key.pem', exec } }],
    });
    expect(run().cluster['certificate-authority']).toBe(join(folder, 'ca.pem'));
    expect(run().user).toMatchObject({
      tokenFile: '/abs/token',
      'client-key': join(folder, '../key.pem'),
      exec: { command: join(folder, 'bin/login') },
    });
    const named = { ...one, users: [{ name: 'a', user: { exec: { ...exec, command: 'aws' } } }] };
    expect((await resolve(named)).run().user.exec?.command).toBe('aws');
  });

  test('takes a server without scheme for https, as kubectl does', async () => {
    const { run } = await resolve({
      ...one,
      clusters: [{ name: 'a', cluster: { server: 'host:6443' } }],
    });
    expect(run().serverUrl.href).toBe('https://host:6443/');
  });
});
