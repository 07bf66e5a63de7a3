import type { KindRef, WatchEvent, WatchOptions } from '../cluster.ts';
import type { ClusterIo } from '../cluster-io.ts';
import { type ApiResource, pathOf } from '../discovery.ts';
import { isExpired, listObjects } from '../list-objects.ts';
import { isObject, toLiveObject } from '../live-object.ts';
import { mapError } from '../map-error.ts';
import { KnownObjects } from './known-objects.ts';
import { Outage, WatchSilentError } from './outage.ts';
import { readFrames, type WatchFrame } from './read-frames.ts';

/** A watch that ends sooner than this, and empty, is a failure: else it would spin. */
const shortestWatchMs = 1000;

/**
 * Lists, then follows changes until the signal aborts. Breaks are bridged: the watch resumes where
 * it was, or lists again when the server has forgotten that point, and then reports what was missed.
 */
export async function* watchObjects(
  io: ClusterIo,
  kind: KindRef,
  options: WatchOptions,
): AsyncGenerator<WatchEvent, void, undefined> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, io.signal, stop.signal]);
  try {
    if (signal.aborted) return;
    const resource = await io.discovery.require(kind);
    yield* follow(io, resource, { ...options, signal });
  } catch (error) {
    // An abort is the end the caller asked for, whatever was under way.
    if (signal.aborted) return;
    throw mapError(error, { action: `watch ${kind.kind}` }, io.scene);
  } finally {
    stop.abort();
  }
}

async function* follow(
  io: ClusterIo,
  resource: ApiResource,
  options: WatchOptions,
): AsyncGenerator<WatchEvent, void, undefined> {
  const known = new KnownObjects();
  const outage = new Outage(io.timings, options.signal);
  let version: string | undefined;
  let hasSynced = false;
  for (;;) {
    try {
      options.signal.throwIfAborted();
      if (version === undefined) {
        const list = await listObjects(io, resource, options);
        yield* known.replaceAll(list.items);
        yield { type: 'synced' };
        version = list.resourceVersion;
        hasSynced = true;
      }
      const onOpen = () => {
        outage.reach();
      };
      for await (const frame of openWatch(io, resource, { ...options, version, onOpen })) {
        outage.end();
        version = versionOf(frame) ?? version;
        yield* eventsOf(frame, known);
      }
    } catch (error) {
      if (!hasSynced || options.signal.aborted) throw error;
      if (isExpired(error)) version = undefined;
      await outage.wait(error);
    }
  }
}

function eventsOf(frame: WatchFrame, known: KnownObjects): readonly WatchEvent[] {
  if (frame.type === 'BOOKMARK') return [];
  const object = toLiveObject(frame.object);
  return frame.type === 'DELETED' ? known.remove(object) : known.put(object);
}

function versionOf({ object }: WatchFrame): string | undefined {
  const { metadata } = object;
  const version = isObject(metadata) ? metadata['resourceVersion'] : undefined;
  return typeof version === 'string' ? version : undefined;
}

interface OpenWatchOptions extends WatchOptions {
  readonly version: string;
  readonly onOpen: () => void;
}

/** One connection, from its opening to its end; silence beyond the limit breaks it. */
async function* openWatch(
  io: ClusterIo,
  resource: ApiResource,
  options: OpenWatchOptions,
): AsyncGenerator<WatchFrame, void, undefined> {
  const connection = new AbortController();
  const timer = setTimeout(() => {
    connection.abort();
  }, io.timings.watchStallMs);
  const startedMs = Date.now();
  let frames = 0;
  try {
    const chunks = await io.transport.stream({
      method: 'GET',
      path: pathOf(resource, options),
      query: watchQuery(options, io.timings.watchMs),
      signal: AbortSignal.any([options.signal, connection.signal]),
    });
    options.onOpen();
    for await (const frame of readFrames(refreshing(chunks, timer))) {
      frames += 1;
      yield frame;
    }
  } catch (error) {
    if (connection.signal.aborted && !options.signal.aborted) {
      throw new WatchSilentError('the watch fell silent', { cause: error });
    }
    throw error;
  } finally {
    clearTimeout(timer);
    connection.abort();
  }
  if (frames === 0 && Date.now() - startedMs < shortestWatchMs) {
    throw new WatchSilentError('the watch ended at once');
  }
}

function watchQuery(options: OpenWatchOptions, watchMs: number) {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: options.version,
    timeoutSeconds: String(Math.ceil((watchMs * (1 + Math.random() / 4)) / 1000)),
  };
}

async function* refreshing(
  chunks: AsyncIterable<Uint8Array>,
  timer: NodeJS.Timeout,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    timer.refresh();
    yield chunk;
  }
}
