import { describe, expect, test } from 'vitest';
import { proxyForServer } from '../../../src/cluster/transport/proxy-for-server.ts';

describe('proxyForServer()', () => {
  const server = (url = 'https://api.corp.test:6443') => new URL(url);
  const proxy = 'http://proxy:3128';

  test.each([
    ['nothing', {}, undefined],
    ['HTTPS_PROXY', { HTTPS_PROXY: proxy }, proxy],
    ['https_proxy', { https_proxy: proxy }, proxy],
    ['HTTPS_PROXY without scheme', { HTTPS_PROXY: 'proxy:3128' }, proxy],
    ['an empty HTTPS_PROXY', { HTTPS_PROXY: '' }, undefined],
    ['HTTP_PROXY only', { HTTP_PROXY: proxy }, undefined],
  ])('reads %s for an https server', (_, env, expected) => {
    expect(proxyForServer(server(), undefined, env)).toBe(expected);
  });

  test('prefers proxy-url of the kubeconfig, whatever NO_PROXY says', () => {
    const env = { HTTPS_PROXY: proxy, NO_PROXY: '*' };
    expect(proxyForServer(server(), 'socks5://s:1080', env)).toBe('socks5://s:1080');
  });

  test.each([
    ['https://api.corp.test:6443', '*', true],
    ['https://api.corp.test:6443', 'corp.test', true],
    ['https://api.corp.test:6443', '.corp.test', true],
    ['https://api.corp.test:6443', '*.corp.test', true],
    ['https://api.corp.test:6443', 'API.CORP.TEST', true],
    ['https://api.corp.test:6443', 'a, api.corp.test:6443', true],
    ['https://api.corp.test:6443', 'api.corp.test:443', false],
    ['https://api.corp.test:6443', 'rp.test', false],
    ['https://corp.test', '.corp.test', false],
    ['https://10.1.2.3:6443', '10.0.0.0/8', true],
    ['https://10.1.2.3:6443', '192.168.0.0/16, 10.1.2.3', true],
    ['https://10.1.2.3:6443', '10.2.0.0/16', false],
    ['https://10.1.2.3:6443', '10.0.0.0/99', false],
    ['https://[fd00::1]:6443', 'fd00::/8', true],
    ['https://[fd00::1]:6443', '[fd00::1]:6443', true],
    ['https://[fd00::1]:6443', 'fd00::1', true],
    ['https://api.corp.test', '10.0.0.0/8,,', false],
    ['https://127.0.0.1:6443', '', true],
    ['https://localhost:6443', '', true],
    ['https://[::1]:6443', '', true],
  ])('for %s with NO_PROXY "%s" goes direct: %s', (url, exceptions, isDirect) => {
    const env = { HTTPS_PROXY: proxy, NO_PROXY: exceptions };
    expect(proxyForServer(server(url), undefined, env)).toBe(isDirect ? undefined : proxy);
  });
});
