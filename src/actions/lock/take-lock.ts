import { randomBytes } from 'node:crypto';
import type { LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { type DeploymentId, lockRef } from '../../plan/index.ts';
import { type LeaseState, parseLease, renderLease } from './lease.ts';
import { type Grant, isTaken, Lock, type LockPorts, lockedError } from './lock.ts';

/** Who takes a lock, as others are told. */
export interface LockOwner {
  /** Login and host: `ann@laptop`. */
  readonly operator: string;
  readonly processId: number;
}

export interface LockRequest {
  readonly deployment: DeploymentId;
  readonly owner: LockOwner;
  /** For example `apply "v32"`. */
  readonly what: string;
}

export interface TakeLockPorts extends LockPorts {
  /** Ends a wait for a dead holder with `INTERRUPTED`. */
  readonly signal?: AbortSignal;
}

/** How often a held lease is looked at. */
const pollMs = 1000;

/** Clocks may differ; a lease that expired longer ago than this is not watched before it is taken. */
const clockSkewMs = 300_000;

/**
 * Takes the lock of a deployment: a Lease in its namespace, made by the same write that claims it.
 *
 * One that is held is watched. As soon as its holder gives a sign of life this fails with `LOCKED`; a
 * holder that gives none for the whole duration of its lease, by the clock of this machine alone, is
 * dead and the lock is taken over.
 */
export async function takeLock(request: LockRequest, ports: TakeLockPorts): Promise<Lock> {
  const { deployment, what } = request;
  const { cluster, clock, signal } = ports;
  const claim = new Claim(request, ports);
  const watch = new HolderWatch(request, ports);
  for (;;) {
    throwIfAborted(ports, what);
    const live = await cluster.get(lockRef(deployment));
    const remainingMs = live === undefined ? 0 : watch.remainingMs(live);
    if (remainingMs > 0) {
      await clock.sleep(Math.min(pollMs, remainingMs), signal);
      continue;
    }
    const lock = await (live === undefined ? claim.make() : claim.takeOver(live));
    if (lock !== undefined) return lock;
  }
}

/** Tells a holder that lives from one that does not. */
class HolderWatch {
  readonly #request: LockRequest;
  readonly #ports: TakeLockPorts;
  #seen: { readonly live: LiveObject; readonly atMs: number } | undefined;

  constructor(request: LockRequest, ports: TakeLockPorts) {
    this.#request = request;
    this.#ports = ports;
  }

  /** Milliseconds until the holder counts as dead; throws `LOCKED` once it has moved. */
  remainingMs(live: LiveObject): number {
    const { what, deployment } = this.#request;
    const nowMs = this.#ports.clock.nowMs();
    const state = parseLease(live);
    if (this.#seen !== undefined && !isSame(this.#seen.live, live))
      throw lockedError(what, deployment, state);
    if (isLongGone(state, nowMs)) return 0;
    if (this.#seen === undefined) tellHeld(state, this.#ports);
    this.#seen ??= { live, atMs: nowMs };
    return Math.max(0, this.#seen.atMs + state.durationMs - nowMs);
  }
}

/** The writes by which one owner tries to become the holder. */
class Claim {
  readonly #request: LockRequest;
  readonly #ports: TakeLockPorts;
  /**
   * Of this claim alone, in the manager and in the holder: server-side apply refuses to write over another
   * manager only where the value differs, and two containers may be the same user, host and process.
   */
  readonly #id = randomBytes(4).toString('hex');

  constructor(request: LockRequest, ports: TakeLockPorts) {
    this.#request = request;
    this.#ports = ports;
  }

  /** `undefined` when another was quicker. */
  make(): Promise<Lock | undefined> {
    return this.#write({ transitions: 0 }, (lease) => lease);
  }

  /** `undefined` when its holder, or another heir, was quicker. */
  async takeOver(live: LiveObject): Promise<Lock | undefined> {
    const { holder, transitions } = parseLease(live);
    const { uid, resourceVersion } = live.metadata;
    const lock = await this.#write({ transitions: transitions + 1, force: true }, (lease) => ({
      ...lease,
      metadata: { ...lease.metadata, uid, resourceVersion },
    }));
    if (lock !== undefined) {
      const text = `Took over the lock of ${holder}, which ended without releasing it`;
      this.#ports.host.notify({ code: 'WARNING', level: 'warning', text });
    }
    return lock;
  }

  async #write(
    { transitions, force = false }: { readonly transitions: number; readonly force?: boolean },
    bind: (lease: Manifest) => Manifest,
  ): Promise<Lock | undefined> {
    const { deployment, owner } = this.#request;
    const acquiredMs = this.#ports.clock.nowMs();
    const since = new Date(acquiredMs).toISOString();
    const holder = `${owner.operator} (process ${String(owner.processId)}, since ${since}, run ${this.#id})`;
    const fieldManager = `dsdeploy-lock-${this.#id}` as const;
    const claim = { deployment, holder, acquiredMs, transitions, fieldManager };
    const lease = renderLease(deployment, { ...claim, renewedMs: acquiredMs });
    try {
      const { object } = await this.#ports.cluster.apply(bind(lease), {
        dryRun: false,
        force,
        fieldManager,
      });
      const grant: Grant = { ...claim, object };
      return new Lock(grant, this.#ports);
    } catch (error) {
      if (isTaken(error)) return undefined;
      throw error;
    }
  }
}

function tellHeld({ holder, renewedMs, durationMs }: LeaseState, { host }: TakeLockPorts): void {
  host.notify({
    code: 'LOCK_HELD',
    level: 'warning',
    holder,
    expiresAt: new Date(renewedMs + durationMs).toISOString(),
    durationSeconds: durationMs / 1000,
  });
}

function isSame(a: LiveObject, b: LiveObject): boolean {
  return (
    a.metadata.uid === b.metadata.uid && a.metadata.resourceVersion === b.metadata.resourceVersion
  );
}

function isLongGone({ renewedMs, durationMs }: LeaseState, nowMs: number): boolean {
  return nowMs - renewedMs - durationMs > clockSkewMs;
}

function throwIfAborted({ signal }: TakeLockPorts, what: string): void {
  if (signal?.aborted !== true) return;
  throw new DsdeployError('INTERRUPTED', `Cannot ${what}: interrupted`);
}
