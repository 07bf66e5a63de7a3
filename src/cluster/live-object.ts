import type { LiveObject } from './cluster.ts';
import { BadReplyError } from './transport/status-error.ts';

/**
 * Checks that a reply is one Kubernetes object and hands it on untouched. A dry-run of a new object
 * comes without a resourceVersion; it gets an empty one.
 */
export function toLiveObject(value: unknown): LiveObject {
  if (!isObject(value)) throw new BadReplyError('an object was expected');
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isObject(metadata)) {
    throw new BadReplyError('an object with apiVersion, kind and metadata was expected');
  }
  const { name, uid, resourceVersion = '' } = metadata;
  if (typeof name !== 'string' || typeof uid !== 'string' || typeof resourceVersion !== 'string') {
    throw new BadReplyError(`the ${kind} comes without name or uid`);
  }
  if (metadata['resourceVersion'] !== undefined) {
    return { ...value, apiVersion, kind, metadata: { ...metadata, name, uid, resourceVersion } };
  }
  return { ...value, apiVersion, kind, metadata: { ...metadata, name, uid, resourceVersion: '' } };
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
