import { createServer, type Server } from 'node:net';

/** The only address the sandbox listens on. */
export const loopback = '127.0.0.1';

/**
 * Returns `count` ports that are free now.
 *
 * All are held at once, so they differ; they are released before their users start, so another
 * program may still take one in between. A boot that loses that race is tried again.
 */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
}

/** Returns one port that is free now; see {@link findFreePorts} for what that is worth. */
export async function findFreePort(): Promise<number> {
  const server = await listenAnywhere();
  const port = portOf(server);
  await close(server);
  return port;
}

function listenAnywhere(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, loopback, () => {
      resolve(server);
    });
  });
}

/** Port of a server that listens on TCP. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('server has no TCP port');
  return address.port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
