import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A SOCKS5 proxy without passwords, for one test; `targets` says where it was asked to go. */
export async function startSocksProxy(): Promise<{
  readonly url: string;
  readonly targets: readonly string[];
}> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    // Greeting: version, number of methods, methods.
    socket.once('data', () => {
      socket.write(Buffer.of(5, 0));
      socket.once('data', (request: Buffer) => {
        const { host, port } = readTarget(request);
        targets.push(`${host}:${port}`);
        const upstream = connect(port, host, () => {
          socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
          socket.pipe(upstream).pipe(socket);
        });
        sockets.add(upstream);
        upstream.on('error', () => socket.destroy());
      });
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return { targets, url: `socks5://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}

/** Connect request: version, command, reserved, address type, address, port. */
function readTarget(request: Buffer): { readonly host: string; readonly port: number } {
  const isName = request[3] === 3;
  const length = isName ? (request[4] ?? 0) : 4;
  const start = isName ? 5 : 4;
  const address = request.subarray(start, start + length);
  return {
    host: isName ? address.toString('utf8') : address.join('.'),
    port: request.readUInt16BE(start + length),
  };
}
