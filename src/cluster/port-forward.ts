import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { WebSocket } from 'undici';
import { DsdeployError } from '../errors/index.ts';
import { formatRef, type ObjectRef } from '../manifest/index.ts';
import type { PortForward } from './cluster.ts';
import type { ClusterIo } from './cluster-io.ts';
import { StatusError } from './transport/status-error.ts';

/** Channels of one forwarded port: data both ways on the first, an error text on the second. */
const channel = { data: 0, error: 1 } as const;

const protocol = 'v4.channel.k8s.io';

/** The local side is paused above this, so that a large upload does not pile up in memory. */
const maxBufferedBytes = 1024 * 1024;

/**
 * Listens on a free port of 127.0.0.1 and carries each connection through the API server into the
 * pod. Over the shared pool and undici's WebSocket instead of client-node's `PortForward`, which
 * knows no proxies of the environment and cannot tell why a server refused.
 */
export async function openPodPortForward(
  io: ClusterIo,
  pod: ObjectRef,
  port: number,
): Promise<PortForward> {
  const path = pathOfPortForward(pod);
  await assertForwardable(io, pod, port);
  const tunnels = new Set<Tunnel>();
  let problem: string | undefined;
  const server = createServer((socket) => {
    const tunnel = new Tunnel(socket, {
      connect: () => io.transport.openWebSocket(`${path}?ports=${port}`, [protocol]),
      onClose: (reason) => {
        problem = reason ?? problem;
        tunnels.delete(tunnel);
      },
    });
    tunnels.add(tunnel);
  });
  const localPort = await listen(server, pod);
  const close = async () => {
    io.signal.removeEventListener('abort', closeNow);
    for (const tunnel of tunnels) tunnel.close();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  const closeNow = () => void close();
  io.signal.addEventListener('abort', closeNow, { once: true });
  return {
    baseUrl: `http://127.0.0.1:${localPort}`,
    lastProblem: () => problem,
    close,
  };
}

/** Asks without upgrading: rights, pod and node are then checked, and refused with a reason. */
async function assertForwardable(io: ClusterIo, pod: ObjectRef, port: number): Promise<void> {
  const path = pathOfPortForward(pod);
  try {
    await io.transport.text({ method: 'GET', path, query: { ports: String(port) } });
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.httpStatus === 403) throw forbidden(pod, error);
    if (!/upgrade/i.test(error.message)) throw error;
  }
}

function pathOfPortForward({ namespace = 'default', name }: ObjectRef): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/portforward`;
}

/** Newer servers want two verbs for a WebSocket, and name neither when the second is lacking. */
function forbidden(
  { namespace = 'default', ...pod }: ObjectRef,
  cause: StatusError,
): DsdeployError {
  const subject = formatRef({ ...pod, namespace });
  return new DsdeployError('CLUSTER_FORBIDDEN', `Cannot forward to ${subject}: ${cause.message}`, {
    subject,
    hint: `Ask for the verbs get and create on pods/portforward; check with \`kubectl auth can-i create pods --subresource=portforward -n ${namespace}\`.`,
    cause,
  });
}

async function listen(server: Server, pod: ObjectRef): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address !== null) return address.port;
  throw new DsdeployError(
    'PORT_FORWARD_FAILED',
    `Cannot forward to ${formatRef(pod)}: no local port`,
  );
}

interface TunnelOptions {
  readonly connect: () => Promise<WebSocket>;
  /** Called once, with what went wrong on the other side, if anything did. */
  readonly onClose: (problem?: string) => void;
}

/** One accepted connection and its WebSocket. */
class Tunnel {
  readonly #socket: Socket;
  readonly #onClose: (problem?: string) => void;
  readonly #seenChannels = new Set<number>();
  #webSocket: WebSocket | undefined;
  #isClosed = false;

  constructor(socket: Socket, { connect, onClose }: TunnelOptions) {
    this.#socket = socket;
    this.#onClose = onClose;
    socket.pause();
    socket.on('error', () => {
      this.close();
    });
    socket.on('close', () => {
      this.close();
    });
    connect().then(
      (webSocket) => {
        this.#attach(webSocket);
      },
      (error: unknown) => {
        this.close(error instanceof Error ? error.message : String(error));
      },
    );
  }

  close(problem?: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#webSocket?.close();
    // A reset, so that the local client sees a failure and not an empty answer.
    if (problem === undefined) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
    this.#onClose(problem);
  }

  #attach(webSocket: WebSocket): void {
    this.#webSocket = webSocket;
    if (this.#isClosed) {
      webSocket.close();
      return;
    }
    webSocket.binaryType = 'arraybuffer';
    webSocket.addEventListener('open', () => this.#socket.resume());
    webSocket.addEventListener('error', () => {
      this.close('the server refused the connection');
    });
    webSocket.addEventListener('close', () => {
      this.#finish();
    });
    webSocket.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) this.#receive(Buffer.from(data));
    });
    this.#socket.on('data', (data: Buffer) => {
      this.#send(webSocket, data);
    });
  }

  /** The other side ended: what it sent is still delivered. */
  #finish(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.end();
    this.#onClose();
  }

  #send(webSocket: WebSocket, data: Buffer): void {
    webSocket.send(Buffer.concat([Buffer.of(channel.data), data]));
    if (webSocket.bufferedAmount <= maxBufferedBytes) return;
    this.#socket.pause();
    const timer = setInterval(() => {
      if (webSocket.bufferedAmount > maxBufferedBytes && !this.#isClosed) return;
      clearInterval(timer);
      this.#socket.resume();
    }, 10);
  }

  #receive(message: Buffer): void {
    const [number = channel.error] = message;
    let payload = message.subarray(1);
    if (!this.#seenChannels.has(number)) {
      // The first message of a channel begins with the port number, two bytes.
      this.#seenChannels.add(number);
      payload = payload.subarray(2);
    }
    if (payload.length === 0) return;
    if (number === channel.data) this.#socket.write(payload);
    else this.close(payload.toString('utf8').trim());
  }
}
