import type { GroupHealth, PodTimeline } from '../health/index.ts';
import type { ObjectRef } from '../manifest/index.ts';
import type { ClusterTarget } from '../plan/index.ts';

/** Everything an action can say while it works; `code` and data are stable, wording is the ui's. */
export type Message =
  | { readonly code: 'TARGET'; readonly level: 'info'; readonly target: ClusterTarget }
  | {
      readonly code: 'STEP';
      readonly level: 'info';
      /** For example `Checking 14 objects against the cluster`. */
      readonly text: string;
    }
  | { readonly code: 'WARNING'; readonly level: 'warning'; readonly text: string }
  | {
      readonly code: 'OBJECT_APPLIED';
      readonly level: 'info';
      readonly ref: ObjectRef;
      readonly outcome: 'created' | 'updated' | 'adopted' | 'unchanged' | 'deleted' | 'kept';
      readonly done: number;
      readonly total: number;
    }
  | {
      /** Objects compared with the cluster so far. */
      readonly code: 'CHECK_PROGRESS';
      readonly level: 'info';
      readonly done: number;
      readonly total: number;
    }
  | {
      /** An object that is left alone though it is not wanted any more. */
      readonly code: 'OBJECT_RETAINED';
      readonly level: 'warning';
      readonly ref: ObjectRef;
      readonly reason: string;
    }
  | {
      /** What was applied is in the history now. */
      readonly code: 'REVISION_RECORDED';
      readonly level: 'info';
      readonly number: number;
      /** Why spec and manifests were not kept; absent when they were. */
      readonly withheld?: string;
    }
  | {
      /** Another run changes the deployment, or did until it died; it is waited for. */
      readonly code: 'LOCK_HELD';
      readonly level: 'warning';
      /** For example `ann@laptop (process 4242, since 2026-11-24T10:37:08.123Z, run 5f0c2a91)`. */
      readonly holder: string;
      /** ISO 8601, by the clock of the holder; it moves as long as the holder lives. */
      readonly expiresAt: string;
      readonly durationSeconds: number;
    }
  | {
      /** Deleted objects that still exist, while their pods and finalizers end. */
      readonly code: 'WAIT_GONE';
      readonly level: 'info';
      readonly elapsedSeconds: number;
      readonly remaining: readonly ObjectRef[];
    }
  | {
      readonly code: 'WAIT_PROGRESS';
      readonly level: 'info';
      readonly elapsedSeconds: number;
      /** What one group needs to load and warm up; absent where it is not known. */
      readonly expectedSeconds?: number;
      /** What all of it needs where groups restart one after another; absent where it is one load. */
      readonly rollOutSeconds?: number;
      readonly groups: readonly GroupHealth[];
      /** Start of each pod that exists; absent before the logs were read. */
      readonly phases?: readonly PodTimeline[];
    };
