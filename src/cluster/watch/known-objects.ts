import { identityOf, refOf } from '../../manifest/index.ts';
import type { LiveObject, WatchEvent } from '../cluster.ts';

/**
 * What a watch has reported so far. Turns lists and frames into events that never contradict each
 * other: every object is added once, then modified, then deleted, whatever was missed in between.
 */
export class KnownObjects {
  readonly #objects = new Map<string, LiveObject>();

  /** Events that lead from what is known to a fresh list. */
  replaceAll(items: readonly LiveObject[]): readonly WatchEvent[] {
    const present = new Set(items.map(keyOf));
    const vanished = [...this.#objects].filter(([key]) => !present.has(key));
    return [
      ...vanished.flatMap(([, object]) => this.remove(object)),
      ...items.flatMap((object) => this.put(object)),
    ];
  }

  put(object: LiveObject): readonly WatchEvent[] {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    if (before === undefined) return [{ type: 'added', object }];
    if (before.metadata.uid !== object.metadata.uid) {
      return [
        { type: 'deleted', object: before },
        { type: 'added', object },
      ];
    }
    const isSame = before.metadata.resourceVersion === object.metadata.resourceVersion;
    return isSame ? [] : [{ type: 'modified', object }];
  }

  remove(object: LiveObject): readonly WatchEvent[] {
    return this.#objects.delete(keyOf(object)) ? [{ type: 'deleted', object }] : [];
  }
}

function keyOf(object: LiveObject): string {
  return identityOf(refOf(object));
}
