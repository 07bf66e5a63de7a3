import { DsdeployError } from '../errors/index.ts';
import { formatRef, type Manifest, type ObjectRef, refOf } from '../manifest/index.ts';
import { type JsonPatchOperation, maskValues, secretValuesOf } from '../plan/index.ts';
import type { ApplyOptions, ApplyOutcome, DeleteOptions, LiveObject } from './cluster.ts';
import type { ClusterIo } from './cluster-io.ts';
import { type ApiResource, pathOf } from './discovery.ts';
import { toLiveObject } from './live-object.ts';
import { StatusError } from './transport/status-error.ts';

/** Constant, so that a renamed binary does not conflict with itself. */
const defaultFieldManager = 'dsdeploy';

/** Reads one object; `undefined` when it, or its namespace, is absent. */
export async function getObject(io: ClusterIo, ref: ObjectRef): Promise<LiveObject | undefined> {
  const resource = await io.discovery.require(ref);
  try {
    const path = objectPath(resource, ref);
    return toLiveObject((await io.transport.json({ method: 'GET', path })).value);
  } catch (error) {
    if (error instanceof StatusError && error.httpStatus === 404) return undefined;
    throw error;
  }
}

/** Server-side apply. The manifest is sent as it is, byte for byte what `JSON.stringify` gives. */
export async function applyObject(
  io: ClusterIo,
  manifest: Manifest,
  { dryRun, force, fieldManager = defaultFieldManager }: ApplyOptions,
): Promise<ApplyOutcome> {
  const resource = await io.discovery.require(manifest);
  const { value, warnings } = await io.transport.json({
    method: 'PATCH',
    path: objectPath(resource, refOf(manifest)),
    query: {
      fieldManager,
      fieldValidation: 'Strict',
      force: String(force),
      dryRun: dryRun ? 'All' : undefined,
    },
    contentType: 'application/apply-patch+yaml',
    body: manifest,
    retryAlso: (error) => !isBound(manifest) && isWriteRace(error),
  });
  if (warnings.length === 0) return { object: toLiveObject(value), warnings };
  const secrets = secretValuesOf(manifest);
  return {
    object: toLiveObject(value),
    warnings: warnings.map((warning) => maskValues(warning, secrets)),
  };
}

/** Patches one object; see `Cluster.patch`. */
export async function patchObject(
  io: ClusterIo,
  {
    ref,
    operations,
  }: { readonly ref: ObjectRef; readonly operations: readonly JsonPatchOperation[] },
  { dryRun }: { readonly dryRun: boolean },
): Promise<LiveObject> {
  const resource = await io.discovery.require(ref);
  const { value } = await io.transport.json({
    method: 'PATCH',
    path: objectPath(resource, ref),
    query: { fieldManager: defaultFieldManager, dryRun: dryRun ? 'All' : undefined },
    contentType: 'application/json-patch+json',
    body: operations,
  });
  return toLiveObject(value);
}

/** See `Cluster.delete`. */
export async function deleteObject(
  io: ClusterIo,
  ref: ObjectRef,
  { uid, resourceVersion, propagation = 'Foreground' }: DeleteOptions,
): Promise<'deleted' | 'gone'> {
  const resource = await io.discovery.require(ref);
  try {
    await io.transport.json({
      method: 'DELETE',
      path: objectPath(resource, ref),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation,
        preconditions: { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      },
    });
    return 'deleted';
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.httpStatus === 404) return 'gone';
    if (error.httpStatus !== 409) throw error;
    // A request that was sent twice because its answer got lost meets its own first success.
    const live = await getObject(io, ref);
    if (live === undefined) return 'gone';
    if (live.metadata.uid === uid && live.metadata.deletionTimestamp !== undefined) {
      return 'deleted';
    }
    throw error;
  }
}

/** With a precondition of ours a conflict may be the object that moved, which no retry mends. */
function isBound({ metadata }: Manifest): boolean {
  return metadata['resourceVersion'] !== undefined || metadata.uid !== undefined;
}

/** A conflict between other writers; it passes. */
function isWriteRace(error: StatusError): boolean {
  return (
    error.httpStatus === 409 &&
    error.reason === 'Conflict' &&
    error.causes.length === 0 &&
    error.message.startsWith('Operation cannot be fulfilled')
  );
}

function objectPath(resource: ApiResource, ref: ObjectRef): string {
  if (resource.namespaced && ref.namespace === undefined) {
    throw new DsdeployError(
      'OBJECT_INVALID',
      `Cannot address ${formatRef(ref)}: ${ref.kind} lives in a namespace and none is given`,
      { subject: formatRef(ref), hint: 'Set metadata.namespace.' },
    );
  }
  return pathOf(resource, ref);
}
