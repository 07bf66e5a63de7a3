import { createHash } from 'node:crypto';
import { canonicalJson, identityOf, refOf } from '../../manifest/index.ts';
import { mapOf } from '../json-map.ts';
import { normalise, type ObservedObject } from '../observed-object.ts';
import { splitControllerFields } from '../ownership/controller-fields.ts';
import { maskSecrets } from '../secrets/mask.ts';

/** Kinds without generation or status: their resourceVersion moves only when they change. */
const exactKinds: ReadonlySet<string> = new Set(['Secret', 'ConfigMap']);

/**
 * Digest of all that a plan depends on in a live object: everything but its status and what only
 * controllers own.
 *
 * Controllers write while a group loads: its status every few seconds, annotations through the status,
 * the volume that a claim was bound to. All of it moves resourceVersion though nobody edited anything.
 * Secret values are masked first, because a digest of them could be guessed. A change of those still
 * moves `generation` and the time of its writer, which are part of the digest; where a controller owns a
 * part of the spec `generation` moves with it and is left out. ConfigMaps and Secrets have no digest and
 * are told apart by resourceVersion alone.
 */
export function liveDigest(live: ObservedObject): string | undefined {
  if (exactKinds.has(live.kind)) return undefined;
  const visible = maskSecrets(normalise(live), { kind: live.kind, path: [], label: '(secret)' });
  const { rest, hasControlledSpec, editors } = splitControllerFields(
    { ...normalise(live), ...mapOf(visible) },
    live.metadata['managedFields'],
  );
  const generation = hasControlledSpec ? 0 : (live.metadata.generation ?? 0);
  const text = canonicalJson([identityOf(refOf(live)), generation, editors, rest]);
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
  const by = describeLastEditor(live);
  return `it was edited${by}: resourceVersion ${binding.resourceVersion} became ${resourceVersion}`;
}

/**
 * An edit that only removes fields leaves no trace of who made it, so that the last editor may be another;
 * and the server notes no time for who scales a custom resource.
 */
function describeLastEditor(live: ObservedObject): string {
  const { editors } = splitControllerFields(live, live.metadata['managedFields']);
  const [last] = editors.filter(({ time }) => time !== '');
  const undated = editors
    .filter(({ time }) => time === '')
    .map(({ manager }) => `"${manager}", whose time the server does not note`);
  const dated = last === undefined ? [] : [`"${last.manager}", ${last.time}`];
  const names = [...undated, ...dated];
  return names.length === 0 ? '' : ` (last writer ${names.join(', or ')})`;
}
