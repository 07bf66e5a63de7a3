import { describeRemoval } from '../disruption/disruption.ts';
import type { ObservedObject } from '../observed-object.ts';
import { type Judgement, type JudgeOptions, judgeMember } from '../ownership/ownership.ts';
import type { DeleteChange, RetainedObject } from '../plan.ts';
import { bindingOf } from '../saved/live-digest.ts';
import { entryRef, type InventoryEntry } from './inventory-entry.ts';

/** One object of the inventory that is not wanted any more. */
export interface Orphan {
  readonly entry: InventoryEntry;
  readonly live?: ObservedObject;
  /** Set when the object could not be looked at, which forbids its deletion. */
  readonly unreadable?: string;
  /** Its API version, when that did not answer: discovery is incomplete then. */
  readonly silentApi?: string;
}

export interface JudgedOrphans {
  readonly deletes: readonly DeleteChange[];
  readonly retained: readonly RetainedObject[];
  /** Entries that the inventory goes on listing. */
  readonly kept: readonly InventoryEntry[];
}

export interface JudgeOrphansOptions extends JudgeOptions {
  /** Why they are not wanted, told with every delete. */
  readonly reason: string;
  /**
   * Whether a namespace may be deleted. It takes along whatever others have put into it, so that
   * only `destroy` may, which looks first.
   */
  readonly includeNamespaces: boolean;
  /** Whether to delete although an API of the deployment does not answer; only who asked for it by name may. */
  readonly prunesBesideSilentApi: boolean;
  /** Names of the groups' objects that are made in the same plan. */
  readonly successors: readonly string[];
}

/** Sorts objects that are not wanted any more into those to delete and those to leave alone. */
export function judgeOrphans(
  orphans: readonly Orphan[],
  options: JudgeOrphansOptions,
): JudgedOrphans {
  const silentApi = options.prunesBesideSilentApi
    ? undefined
    : orphans.find((orphan) => orphan.silentApi !== undefined)?.silentApi;
  const deletes: DeleteChange[] = [];
  const retained: RetainedObject[] = [];
  const kept: InventoryEntry[] = [];
  for (const orphan of orphans) {
    const { entry, live } = orphan;
    const ref = entryRef(entry);
    const judgement = keepBeside(silentApi, judgeOrphan(orphan, options));
    if (judgement.verdict === 'retain') {
      retained.push({ ref, reason: judgement.reason });
      if (!judgement.forget) kept.push(entry);
    } else if (judgement.verdict === 'delete' && live !== undefined) {
      const disruption = describeRemoval(live, options);
      deletes.push({
        action: 'delete',
        ref,
        ...bindingOf(live),
        reason: options.reason,
        ...(disruption === undefined ? {} : { disruption }),
      });
    }
  }
  return { deletes, retained, kept };
}

/** What could be deleted is kept while the server cannot tell of all that belongs to the deployment. */
function keepBeside(silentApi: string | undefined, judgement: Judgement): Judgement {
  if (silentApi === undefined || judgement.verdict !== 'delete') return judgement;
  const reason = `nothing is pruned while the API ${silentApi} does not answer`;
  return { verdict: 'retain', reason, forget: false };
}

function judgeOrphan({ entry, live, unreadable }: Orphan, options: JudgeOrphansOptions): Judgement {
  if (unreadable !== undefined) return { verdict: 'retain', reason: unreadable, forget: false };
  if (entry.kind === 'Namespace' && live !== undefined && !options.includeNamespaces) {
    const reason = 'its manifest is gone; from now on it is yours, and `destroy` leaves it alone';
    return { verdict: 'retain', reason, forget: true };
  }
  return judgeMember(entry, live, options);
}
