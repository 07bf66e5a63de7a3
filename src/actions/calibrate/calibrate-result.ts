import type { SiteProfileDocument } from '../../capacity/index.ts';

/** What `calibrate` learned and where it wrote it. */
export interface CalibrateResult {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'CalibrateResult';
  readonly group: string;
  /** The profile that was written. */
  readonly file: string;
  /** Files that were read. */
  readonly readFrom: readonly string[];
  /** Seen on the site, and predicted with and without the profile. */
  readonly comparisons: readonly Comparison[];
  readonly profile: SiteProfileDocument;
}

export interface Comparison {
  readonly quantity: 'weights' | 'kv-tokens' | 'tpot' | 'ttft';
  readonly unit: 'bytes' | 'tokens' | 'ms';
  /** Requests in flight, for times. */
  readonly concurrency?: number;
  readonly observed: number;
  /** With values of the catalog. */
  readonly before: number;
  /** With the profile. */
  readonly after: number;
}
