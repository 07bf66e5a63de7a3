import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Passes bytes on to a server, late, so that there is time to interrupt what is under way. */
export class SlowProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: URL, latencyMs: number) {
    this.#server = createServer((client) => {
      const upstream = connect(Number(target.port), target.hostname);
      this.#pass(client, upstream, latencyMs);
      this.#pass(upstream, client, 0);
    });
  }

  /** @param latencyMs - added to whatever the client sends. */
  static async start(target: string, latencyMs: number): Promise<SlowProxy> {
    const proxy = new SlowProxy(new URL(target), latencyMs);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `https://127.0.0.1:${String(port)}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(from: Socket, to: Socket, latencyMs: number): void {
    this.#sockets.add(from);
    let last = Promise.resolve();
    from.on('data', (chunk) => {
      const ready = delay(latencyMs);
      last = last.then(async () => {
        await ready;
        to.write(chunk);
      });
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
