import type { LiveObject } from '../../../cluster/index.ts';
import {
  type ContainerExit,
  type GroupHealth,
  lwsLabel,
  type PodHealth,
} from '../../../health/index.ts';

/** One pod that ended, and what it said last. */
export interface Crash {
  /** Object name of the LeaderWorkerSet. */
  readonly set: string;
  readonly pod: PodHealth;
  readonly exit: ContainerExit;
  readonly logLines: readonly string[];
}

/**
 * Remembers what the cluster forgets: a group that is recreated takes its restart counts, exits and
 * logs with it, and the next attempt looks as innocent as the first.
 */
export class CrashMemory {
  readonly #lives = new Map<string, { readonly uid: string; readonly revision: string }>();
  readonly #recreations = new Map<string, readonly number[]>();
  readonly #seen = new Set<string>();
  readonly #firstCrash = new Map<string, Crash>();

  /** When each leader was made again under the same revision, by pod name. */
  get recreations(): ReadonlyMap<string, readonly number[]> {
    return this.#recreations;
  }

  /** Notes new lives of known pods; a new revision is a rollout and starts from zero. */
  notePods(pods: readonly LiveObject[], nowMs: number): void {
    for (const { metadata } of pods) {
      const { name, uid, labels = {} } = metadata;
      if (labels[lwsLabel.workerIndex] !== '0') continue;
      const revision = labels[lwsLabel.revision] ?? '';
      const before = this.#lives.get(name);
      this.#lives.set(name, { uid, revision });
      if (before === undefined || before.uid === uid) continue;
      const known = this.#recreations.get(name) ?? [];
      this.#recreations.set(name, before.revision === revision ? [...known, nowMs] : []);
    }
  }

  /**
   * Notes pods that ended since the last call, and keeps the first of each group's life with its
   * log; the others of the group end because their peer is gone.
   */
  async noteExits(
    groups: readonly GroupHealth[],
    readLog: (pod: PodHealth) => Promise<readonly string[]>,
  ): Promise<void> {
    for (const { pod, exit, set, key } of groups.flatMap(exitsOf)) {
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      const life = this.#lifeKey(set, pod.groupIndex);
      const known = this.#firstCrash.get(life);
      if (known !== undefined && !isEarlier(exit, known.exit)) continue;
      const lines = await readLog(pod);
      // A pod may be gone before its log is read; it said the like in the life before.
      const logLines = lines.length > 0 ? lines : (this.logs.get(pod.name) ?? []);
      this.#firstCrash.set(life, { set, pod, exit, logLines });
    }
  }

  /** The first pod that ended in the latest life of any replica of a set that ended. */
  lastCrash(set: string): Crash | undefined {
    return [...this.#firstCrash.values()].findLast((crash) => crash.set === set);
  }

  /** What a pod said last before it ended, when it was the first of its group to end. */
  logOf(subject: string): readonly string[] {
    const crash = [...this.#firstCrash.values()].findLast(({ pod }) =>
      subject.endsWith(`/${pod.name}`),
    );
    return crash?.logLines ?? [];
  }

  /** What the first pod of each group's life to end said, by pod name; the latest life counts. */
  get logs(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.#firstCrash.values()].map(({ pod, logLines }) => [pod.name, logLines]));
  }

  #lifeKey(set: string, groupIndex: number): string {
    const leader = `${set}-${groupIndex}`;
    return `${leader}/${this.#lives.get(leader)?.uid ?? ''}`;
  }
}

function exitsOf({ ref, pods }: GroupHealth) {
  return (
    pods
      .flatMap((pod) => (pod.lastExit === undefined ? [] : [{ pod, exit: pod.lastExit }]))
      // A pod that is told to stop ends too; only one that restarted before did so by itself.
      .filter(({ pod }) => pod.reason !== 'terminating' || pod.restarts > 0)
      .map((entry) => ({
        ...entry,
        set: ref.name,
        key: `${entry.pod.name}/${entry.exit.container}/${entry.exit.finishedAt ?? entry.pod.restarts}`,
      }))
      .toSorted((a, b) => Number(isEarlier(b.exit, a.exit)) - Number(isEarlier(a.exit, b.exit)))
  );
}

function isEarlier(a: ContainerExit, b: ContainerExit): boolean {
  return (a.finishedAt ?? '~') < (b.finishedAt ?? '~');
}
