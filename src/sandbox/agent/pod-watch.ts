import { setTimeout as sleep } from 'node:timers/promises';

import type { ApiClient, ApiObject } from '../api-client.ts';
import type { Pod } from './pod.ts';

const podsPath = '/api/v1/pods';
const retryMs = 500;

export interface PodListener {
  /** Called with every pod after a fresh list, before their `onPod`. */
  onList(pods: readonly Pod[]): void;
  onPod(pod: Pod): void;
  onDeleted(pod: Pod): void;
  onError(error: unknown): void;
}

/** Follows all pods for ever: list, watch, and list again when the watch breaks. */
export async function watchPods(client: ApiClient, listener: PodListener): Promise<never> {
  for (;;) {
    try {
      await followOnce(client, listener);
    } catch (error) {
      listener.onError(error);
    }
    await sleep(retryMs);
  }
}

interface PodList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly Pod[];
}

async function followOnce(client: ApiClient, listener: PodListener): Promise<void> {
  const list = await client.send<PodList>({ method: 'GET', path: podsPath });
  listener.onList(list.items);
  for (const pod of list.items) listener.onPod(pod);
  for await (const { type, object } of client.watch(podsPath, list.metadata.resourceVersion)) {
    if (type === 'ERROR') return; // mostly "resource version too old"
    if (type === 'BOOKMARK' || !isPod(object)) continue;
    if (type === 'DELETED') listener.onDeleted(object);
    else listener.onPod(object);
  }
}

function isPod(object: ApiObject): object is Pod {
  return object.kind === 'Pod' && 'spec' in object;
}
