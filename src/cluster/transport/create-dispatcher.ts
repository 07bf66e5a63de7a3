import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';
import { DsdeployError } from '../../errors/index.ts';
import type { TlsIdentity } from '../auth/credential.ts';
import type { Timings } from '../timings.ts';

export interface DispatcherOptions {
  readonly tls: TlsIdentity;
  readonly proxy: string | undefined;
  readonly timings: Timings;
}

/** Enough to keep an API server busy; more only queues in its priority levels. */
const maxConnections = 32;

/** Makes the one connection pool that every request, watch and port-forward of a cluster shares. */
export function createDispatcher({ tls, proxy, timings }: DispatcherOptions): Dispatcher {
  const connect = {
    ...tls,
    timeout: timings.connectMs,
    keepAlive: true,
    // Below the idle limit of common load balancers, which is 60 s.
    keepAliveInitialDelay: 30_000,
    // WebSocket upgrades, which port-forwards need, do not exist on the API server's HTTP/2.
    allowH2: false,
  };
  const pool = {
    connections: maxConnections,
    allowH2: false,
    headersTimeout: timings.headersMs,
    bodyTimeout: timings.bodyIdleMs,
    keepAliveTimeout: 30_000,
  };
  if (proxy === undefined) return new Agent({ ...pool, connect });
  const { protocol } = new URL(proxy);
  if (protocol === 'http:' || protocol === 'https:') {
    return new ProxyAgent({
      ...pool,
      uri: proxy,
      requestTls: connect,
      connectTimeout: timings.connectMs,
    });
  }
  if (protocol === 'socks5:' || protocol === 'socks5h:') {
    return new Socks5ProxyAgent(proxy.replace(/^socks5h:/, 'socks5:'), {
      ...pool,
      requestTls: connect,
    });
  }
  throw new DsdeployError(
    'KUBECONFIG_INVALID',
    `Cannot use the proxy "${redactProxy(proxy)}": only http, https and socks5 are known`,
    { hint: 'Change proxy-url in the kubeconfig, or HTTPS_PROXY.' },
  );
}

/** A proxy URL without its password. */
function redactProxy(proxy: string): string {
  const url = URL.parse(proxy);
  if (url === null || url.password === '') return proxy;
  url.password = '***';
  return url.href;
}
