import { createHash } from 'node:crypto';
import { canonicalJson, identityOf, refOf } from '../manifest/index.ts';
import { maskSecrets } from './mask.ts';
import { normalise, type ObservedObject } from './observed-object.ts';

/** Kinds without generation or status: their resourceVersion moves only when they change. */
const exactKinds: ReadonlySet<string> = new Set(['Secret', 'ConfigMap']);

/**
 * Digest of all that a plan depends on in a live object: everything but its status.
 *
 * Controllers write the status of a loading group every few seconds, which moves resourceVersion
 * though nothing was edited. Secret values are masked first: a digest of them could be guessed.
 * A change of those still moves `generation`, which is part of the digest; kinds without it have no
 * digest and are told apart by resourceVersion alone.
 */
export function liveDigest(live: ObservedObject): string | undefined {
  if (exactKinds.has(live.kind)) return undefined;
  const visible = maskSecrets(normalise(live), { kind: live.kind, path: [], label: '(secret)' });
  const text = canonicalJson([identityOf(refOf(live)), live.metadata.generation ?? 0, visible]);
  return createHash('sha256').update(text).digest('hex');
}

/** What a row of a plan is bound to. */
export interface Binding {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly liveDigest?: string;
}

/** Binds a row to an object as it was seen. */
export function bindingOf(live: ObservedObject): Binding {
  const { uid, resourceVersion } = live.metadata;
  const digest = liveDigest(live);
  return { uid, resourceVersion, ...(digest === undefined ? {} : { liveDigest: digest }) };
}

/** How an object differs from what a row was bound to, in words; `undefined` when it does not. */
export function describeMove(
  binding: Binding,
  live: ObservedObject | undefined,
): string | undefined {
  if (live === undefined) return 'it was deleted';
  const { uid, resourceVersion, deletionTimestamp } = live.metadata;
  if (uid !== binding.uid) return 'it was deleted and made again';
  if (deletionTimestamp !== undefined) return 'it is being deleted';
  if (resourceVersion === binding.resourceVersion) return undefined;
  if (binding.liveDigest !== undefined && liveDigest(live) === binding.liveDigest) return undefined;
  return `it was edited: resourceVersion ${binding.resourceVersion} became ${resourceVersion}`;
}
