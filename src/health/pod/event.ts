import { z } from 'zod';
import type { Manifest } from '../../manifest/index.ts';

const reference = z.object({
  kind: z.string().optional(),
  name: z.string().optional(),
  uid: z.string().optional(),
});

const eventObject = z.object({
  type: z.string().optional(),
  reason: z.string().default(''),
  message: z.string().default(''),
  count: z.int().nullish(),
  series: z.object({ count: z.int(), lastObservedTime: z.string().nullish() }).nullish(),
  eventTime: z.string().nullish(),
  firstTimestamp: z.string().nullish(),
  lastTimestamp: z.string().nullish(),
  involvedObject: reference,
  related: reference.nullish(),
  metadata: z.object({ creationTimestamp: z.string().nullish() }),
});

/** One event, whichever of the two event APIs wrote it. */
export interface ClusterEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** How often it was seen, at least 1. */
  readonly count: number;
  /** RFC 3339; empty when the event says nothing about time. */
  readonly lastSeen: string;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  /** The second object, for example the leader of a recreated group. */
  readonly related?: { readonly name: string; readonly uid?: string };
}

/** Reads a core/v1 Event; `undefined` when the object does not look like one. */
export function parseEvent(object: Manifest): ClusterEvent | undefined {
  const event = eventObject.safeParse(object).data;
  if (event === undefined) return undefined;
  const { involvedObject, series } = event;
  const lastSeen =
    series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.firstTimestamp ??
    event.metadata.creationTimestamp;
  return {
    type: event.type ?? 'Normal',
    reason: event.reason,
    message: event.message.trim(),
    // Newer recorders leave `count` at 0 and count in `series`.
    count: Math.max(1, series?.count ?? event.count ?? 1),
    lastSeen: lastSeen ?? '',
    kind: involvedObject.kind ?? '',
    name: involvedObject.name ?? '',
    ...(involvedObject.uid === undefined ? {} : { uid: involvedObject.uid }),
    ...nameRelated(event.related),
  };
}

function nameRelated(related: z.infer<typeof reference> | null | undefined) {
  const { name, uid } = related ?? {};
  if (name === undefined) return {};
  return { related: { name, ...(uid === undefined ? {} : { uid }) } };
}

/**
 * Picks the events about one object, oldest first.
 *
 * The UID decides when both sides have one: a pod of a StatefulSet keeps its name when it is made
 * again, and the new pod is not to blame for what its predecessor did.
 */
export function eventsAbout(
  events: readonly ClusterEvent[],
  target: { readonly kind: string; readonly name: string; readonly uid?: string | undefined },
): readonly ClusterEvent[] {
  return events
    .filter((event) => event.kind === target.kind && event.name === target.name)
    .filter((event) => !event.uid || !target.uid || event.uid === target.uid)
    .toSorted((a, b) => lastSeenMs(a) - lastSeenMs(b));
}

/** Time of an event in milliseconds since 1970; 0 when it does not say. */
export function lastSeenMs(event: ClusterEvent): number {
  const time = Date.parse(event.lastSeen);
  return Number.isNaN(time) ? 0 : time;
}

/** Formats an event as one line: `FailedMount x4: MountVolume.SetUp failed ...`. */
export function formatEvent({ reason, count, message }: ClusterEvent): string {
  const times = count > 1 ? ` x${count}` : '';
  return `${reason}${times}: ${firstLine(message)}`;
}

/** First line of a message, which is the one that names the failure. */
export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
