import type { ClusterEvent, GroupHealth } from '../../../health/index.ts';
import type { Layout } from '../../../layout/index.ts';

/** What a cause is explained with. */
export interface Evidence {
  readonly groups: readonly GroupHealth[];
  readonly events: readonly ClusterEvent[];
  /** Replaced in log lines, for example the API key. */
  readonly secrets: readonly string[];
  /** With it the logs of the group are searched for known failures. */
  readonly layout?: Layout;
  /** Logs of lives that are over, by pod name. */
  readonly remembered?: ReadonlyMap<string, readonly string[]>;
}
