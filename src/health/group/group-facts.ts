import type { Manifest } from '../../manifest/index.ts';
import type { ClusterEvent } from '../pod/event.ts';
import type { Reading } from '../reading.ts';
import type { Check } from '../report.ts';
import type { Scaling } from './scaling.ts';

/** A kind of evidence that was not to be had, and why. */
export interface Unread {
  readonly what: 'events' | 'nodes' | 'logs';
  readonly reason: string;
}

/** Everything that was read about one serving group. */
export interface GroupFacts {
  readonly leaderWorkerSet: Reading<Manifest | undefined>;
  /** Who decides the copies in place of the spec; absent when nobody does. */
  readonly scaling?: Scaling;
  /** Pods that carry the name label of the LeaderWorkerSet. */
  readonly pods: Reading<readonly Manifest[]>;
  /** Warnings and group recreations of the namespace; empty when they may not be read. */
  readonly events: readonly ClusterEvent[];
  /** Readiness by node name; a node that could not be read is absent. */
  readonly nodeReady: ReadonlyMap<string, boolean>;
  /** Every NetworkPolicy of the namespace; absent before they were read. */
  readonly networkPolicies?: Reading<readonly Manifest[]>;
  /** What explains a failure and could not be read; it costs the explanation and no verdict. */
  readonly unread?: readonly Unread[];
  /** When each leader was made again, in milliseconds since 1970, as seen by whoever watched. */
  readonly recreations: ReadonlyMap<string, readonly number[]>;
  /** Pods that were there earlier in the same check: one of them that is absent just went. */
  readonly seenBefore?: ReadonlySet<string>;
  /** When the facts were read; ages are counted from here. */
  readonly readAtMs: number;
  /** What the Service of the deployment does for this group; empty before it was read. */
  readonly service: readonly Check[];
  /** Checks of the endpoints by their key; one that is absent was not asked. */
  readonly probes: ReadonlyMap<string, readonly Check[]>;
}
