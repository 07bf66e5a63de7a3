import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import { formatRef, identityOf, type ObjectRef } from '../../manifest/index.ts';
import { formatSeconds } from '../../units/index.ts';
import type { Clock, Host } from '../host.ts';
import { readObjects } from '../inventory/index.ts';

export interface WaitGonePorts {
  readonly cluster: Cluster;
  readonly host: Host;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export interface DeletedObject {
  readonly ref: ObjectRef;
  readonly uid: string;
}

/** Between two looks at what is going. */
export const pollMs = 1000;

/**
 * Waits until deleted objects have gone. One of the same name but another UID counts as gone.
 * Returns early when the signal aborts; past the deadline it throws and names what holds them.
 */
export async function waitUntilGone(
  objects: readonly DeletedObject[],
  { timeoutSeconds }: { readonly timeoutSeconds: number },
  ports: WaitGonePorts,
): Promise<void> {
  const { clock, host, signal } = ports;
  const startMs = clock.nowMs();
  let remaining = objects;
  for (;;) {
    const live = await readObjects(
      remaining.map(({ ref }) => ref),
      ports,
    );
    remaining = remaining.filter(({ ref, uid }) => live.get(identityOf(ref))?.metadata.uid === uid);
    if (remaining.length === 0 || signal?.aborted === true) return;
    const elapsedSeconds = Math.round((clock.nowMs() - startMs) / 1000);
    host.notify({
      code: 'WAIT_GONE',
      level: 'info',
      elapsedSeconds,
      remaining: remaining.map(({ ref }) => ref),
    });
    if (elapsedSeconds >= timeoutSeconds) throw incomplete(remaining, live, timeoutSeconds);
    await clock.sleep(pollMs, signal);
  }
}

function incomplete(
  remaining: readonly DeletedObject[],
  live: ReadonlyMap<string, LiveObject>,
  timeoutSeconds: number,
): DsdeployError {
  const details = remaining.map(({ ref }): ErrorDetail => {
    return { location: formatRef(ref), message: describeHold(live.get(identityOf(ref))) };
  });
  const count = String(remaining.length);
  return new DsdeployError(
    'DESTROY_INCOMPLETE',
    `Cannot finish deleting: ${count} objects are still there after ${formatSeconds(timeoutSeconds)}`,
    {
      details,
      hint: 'Look at the controllers behind the finalizers, then run `dsdeploy destroy` again.',
    },
  );
}

/** Says what keeps an object, and since when; a namespace tells it in its conditions. */
function describeHold(object: LiveObject | undefined): string {
  if (object === undefined) return 'it has gone meanwhile';
  const { deletionTimestamp, finalizers } = object.metadata;
  const held: unknown[] = Array.isArray(finalizers) ? finalizers : [];
  const since = deletionTimestamp === undefined ? '' : ` since ${deletionTimestamp}`;
  const parts = [
    held.length === 0 ? `being deleted${since}` : `held by ${held.join(', ')}${since}`,
    ...conditionMessages(object),
  ];
  return parts.join('; ');
}

function conditionMessages(object: LiveObject): string[] {
  const status: unknown = object['status'];
  if (object.kind !== 'Namespace' || typeof status !== 'object' || status === null) return [];
  const conditions: unknown = 'conditions' in status ? status.conditions : [];
  if (!Array.isArray(conditions)) return [];
  return conditions.flatMap((condition: unknown) => {
    if (typeof condition !== 'object' || condition === null) return [];
    const { status: state, message } = { status: '', message: '', ...condition };
    return state === 'True' && typeof message === 'string' && message !== '' ? [message] : [];
  });
}
