import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Env } from '../kubeconfig/load-kubeconfig.ts';

/**
 * Returns the proxy for the API server: `proxy-url` of the kubeconfig, else the environment by Go's
 * rules, so that dsdeploy goes the way kubectl goes. `NO_PROXY` may hold names, addresses and CIDR
 * ranges (undici's own agent knows no ranges); loopback is never proxied.
 */
export function proxyForServer(
  server: URL,
  kubeconfigProxy: string | undefined,
  env: Env,
): string | undefined {
  if (kubeconfigProxy) return kubeconfigProxy;
  const scheme = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[scheme] || env[scheme.toLowerCase()];
  if (!proxy || isLoopback(hostOf(server))) return undefined;
  const exceptions = env['NO_PROXY'] || env['no_proxy'] || '';
  if (exceptions.split(',').some((rule) => isExcepted(server, rule.trim()))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function hostOf(server: URL): string {
  return server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isExcepted(server: URL, rule: string): boolean {
  if (rule === '') return false;
  if (rule === '*') return true;
  const host = hostOf(server);
  if (rule.includes('/')) return isInRange(host, rule);
  const [name, port] = splitPort(rule.toLowerCase());
  const serverPort = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (port !== undefined && port !== serverPort) return false;
  if (isIP(name) !== 0) return name === host;
  const suffix = name.replace(/^\*/, '');
  if (suffix.startsWith('.')) return host.endsWith(suffix);
  return host === suffix || host.endsWith(`.${suffix}`);
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  if (isIP(host) === 0 || isIP(network) === 0) return false;
  const prefix = Number(bits);
  if (bits === '' || !Number.isInteger(prefix) || prefix > (isIPv6(network) ? 128 : 32)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(network, prefix, isIPv6(network) ? 'ipv6' : 'ipv4');
  return list.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

function splitPort(rule: string): readonly [string, string | undefined] {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(rule);
  if (bracketed?.[1] !== undefined) return [bracketed[1], bracketed[2]];
  if (isIP(rule) !== 0) return [rule, undefined];
  const colon = rule.lastIndexOf(':');
  return colon < 0 ? [rule, undefined] : [rule.slice(0, colon), rule.slice(colon + 1)];
}
