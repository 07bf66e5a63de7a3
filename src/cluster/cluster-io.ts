import type { Discovery } from './discovery.ts';
import { type Attempt, type ErrorScene, mapError } from './map-error.ts';
import type { OpenApi } from './open-api.ts';
import type { Timings } from './timings.ts';
import type { ApiTransport } from './transport/api-transport.ts';

/** What every operation on a cluster works with. */
export interface ClusterIo {
  readonly transport: ApiTransport;
  readonly discovery: Discovery;
  readonly openApi: OpenApi;
  readonly scene: ErrorScene;
  readonly timings: Timings;
  /** Aborts when the cluster is closed or the user interrupts. */
  readonly signal: AbortSignal;
}

/** Runs one operation and makes whatever it throws readable. */
export async function attempt<T>(
  io: ClusterIo,
  what: Attempt,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw mapError(error, what, io.scene);
  }
}
