import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { type DeploymentId, lockRef } from '../../plan/index.ts';
import type { Clock, Host } from '../host.ts';
import { type LeaseState, leaseSeconds, parseLease, renderLease } from './lease.ts';

/** How often the holder gives a sign of life; another process learns within this that it lives. */
export const renewEveryMs = 3000;

/** From this age on a lease is renewed before the next write, and not beside it. */
const renewFirstMs = (leaseSeconds * 1000) / 2;

export interface LockPorts {
  readonly cluster: Cluster;
  readonly host: Host;
  readonly clock: Clock;
}

export interface Grant {
  readonly deployment: DeploymentId;
  readonly fieldManager: `dsdeploy-lock-${string}`;
  readonly holder: string;
  readonly acquiredMs: number;
  readonly transitions: number;
  /** The Lease as it was answered. */
  readonly object: LiveObject;
}

/** A lock that is held. It renews itself until it is released; nobody else writes meanwhile. */
export class Lock {
  readonly #grant: Grant;
  readonly #ports: LockPorts;
  readonly #timer: NodeJS.Timeout;
  #resourceVersion: string;
  #renewal: Promise<void> | undefined;
  #lost: DsdeployError | undefined;
  #isStopped = false;
  #isReleased = false;
  // The time that passed for the server, also while this machine slept, which no other clock counts.
  #renewedAtMs = Date.now();

  constructor(grant: Grant, ports: LockPorts) {
    this.#grant = grant;
    this.#ports = ports;
    this.#resourceVersion = grant.object.metadata.resourceVersion;
    this.#timer = setInterval(() => {
      // Whether it is lost shows before the next write; an unreachable server shows there too.
      this.#renew().catch(() => undefined);
    }, renewEveryMs);
    this.#timer.unref();
  }

  /** Throws `LOCKED` when somebody else has taken over, as after this machine was asleep. */
  async assertHeld(): Promise<void> {
    if (this.#isStopped) return;
    if (Date.now() - this.#renewedAtMs > renewFirstMs) await this.#renew();
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** Renews it no more: its namespace is about to go, and takes it along. */
  stopRenewing(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  /** Deletes the Lease unless it is somebody else's by now. A failure only costs the next one a wait. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.stopRenewing();
    await this.#renewal?.catch(() => undefined);
    if (this.#lost !== undefined) return;
    try {
      await this.#delete();
    } catch (error) {
      if (!(error instanceof DsdeployError)) throw error;
      const text = `Cannot release the lock (${error.message}); it expires within ${String(leaseSeconds)} s`;
      this.#ports.host.notify({ code: 'WARNING', level: 'warning', text });
    }
  }

  async #delete(): Promise<void> {
    const { cluster } = this.#ports;
    const ref = lockRef(this.#grant.deployment);
    const { uid } = this.#grant.object.metadata;
    const options = { uid, propagation: 'Background' } as const;
    try {
      await cluster.delete(ref, { ...options, resourceVersion: this.#resourceVersion });
    } catch (error) {
      if (!(error instanceof DsdeployError) || error.code !== 'OBJECT_CHANGED') throw error;
      // A renewal of ours whose answer got lost, or a new holder, whose Lease is left alone.
      const live = await cluster.get(ref);
      if (live?.metadata.uid !== uid || parseLease(live).holder !== this.#grant.holder) return;
      await cluster.delete(ref, { ...options, resourceVersion: live.metadata.resourceVersion });
    }
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#sendRenewal().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #sendRenewal(): Promise<void> {
    if (this.#lost !== undefined || this.#isStopped) return;
    const { deployment, fieldManager, object } = this.#grant;
    const { cluster, clock } = this.#ports;
    const sentAtMs = Date.now();
    const lease = renderLease(deployment, { ...this.#grant, renewedMs: clock.nowMs() });
    // With the UID a Lease that somebody deleted is not made anew behind the back of its next holder.
    const bound = { ...lease, metadata: { ...lease.metadata, uid: object.metadata.uid } };
    try {
      const renewed = await cluster.apply(bound, { dryRun: false, force: false, fieldManager });
      this.#resourceVersion = renewed.object.metadata.resourceVersion;
      this.#renewedAtMs = sentAtMs;
    } catch (error) {
      if (!isTaken(error)) throw error;
      this.#lost = await this.#describeLoss(error);
    }
  }

  async #describeLoss(cause: unknown): Promise<DsdeployError> {
    const { deployment } = this.#grant;
    const live = await this.#ports.cluster.get(lockRef(deployment));
    const by = live === undefined ? 'it was deleted' : `${parseLease(live).holder} took it over`;
    return new DsdeployError('LOCKED', `The lock of "${deployment.name}" is lost: ${by}`, {
      subject: deployment.name,
      hint: `It expires ${String(leaseSeconds)} s after the last sign of life; was this machine asleep? Plan again.`,
      cause,
    });
  }
}

/** Whether the server says that the Lease is not ours. */
export function isTaken(error: unknown): boolean {
  if (!(error instanceof DsdeployError)) return false;
  return ['FIELD_CONFLICT', 'OBJECT_CHANGED', 'OBJECT_NOT_FOUND'].includes(error.code);
}

/** The error of a lock that somebody else holds. */
export function lockedError(
  what: string,
  deployment: DeploymentId,
  { holder, renewedMs, durationMs }: LeaseState,
): DsdeployError {
  const expires = new Date(renewedMs + durationMs).toISOString();
  return new DsdeployError('LOCKED', `Cannot ${what}: ${holder} is changing it`, {
    subject: `${deployment.namespace}/${deployment.name}`,
    details: [
      { location: 'holder', message: holder },
      { location: 'expires', message: `${expires}, unless it is renewed, as it was just now` },
    ],
    hint: 'Wait until that run has ended, then plan again. A run that was killed loses its lock by itself.',
  });
}
