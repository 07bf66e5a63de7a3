import { writeFileSync } from 'node:fs';

import pRetry from 'p-retry';

import type { AgentConfig } from '../agent-config.ts';
import type { ApiClient } from '../api-client.ts';
import { isMissingFile } from '../file-error.ts';
import { serveEndpoint } from './endpoint-server.ts';
import { findEndpoint, type Pod, podKey } from './pod.ts';
import type { PodListener } from './pod-watch.ts';
import type { Simulator } from './simulator.ts';

/** Like the kubelet's back-off, only shorter: nobody wants to wait minutes in a sandbox. */
const maxRetryDelayMs = 5_000;

/** What is done for one pod; kept by uid, since a recreated pod has the same name. */
interface Entry {
  /** As last seen. */
  pod: Pod;
  isStarting: boolean;
  simulator: Simulator | undefined;
}

/** Keeps one simulator per pod that offers an endpoint. */
export class PodServers implements PodListener {
  readonly #client: ApiClient;
  readonly #config: AgentConfig;
  readonly #log: (message: string) => void;
  readonly #entries = new Map<string, Entry>();

  constructor(client: ApiClient, config: AgentConfig, log: (message: string) => void) {
    this.#client = client;
    this.#config = config;
    this.#log = log;
  }

  onList(pods: readonly Pod[]): void {
    const present = new Set(pods.map(uidOf));
    for (const uid of this.#entries.keys()) if (!present.has(uid)) this.#stop(uid);
  }

  onPod(pod: Pod): void {
    const uid = uidOf(pod);
    if (findEndpoint(pod) === undefined) {
      this.#stop(uid);
      return;
    }
    const entry = this.#entries.get(uid) ?? { pod, isStarting: false, simulator: undefined };
    entry.pod = pod;
    this.#entries.set(uid, entry);
    if (entry.simulator !== undefined || entry.isStarting) return;
    entry.isStarting = true;
    void this.#start(uid, entry);
  }

  onDeleted(pod: Pod): void {
    this.#stop(uidOf(pod));
  }

  onError(error: unknown): void {
    this.#log(`cannot follow pods: ${describe(error)}`);
  }

  stopAll(): void {
    for (const uid of this.#entries.keys()) this.#stop(uid);
  }

  /** Tries until the pod serves or is gone; a Secret may be created after the pod. */
  async #start(uid: string, entry: Entry): Promise<void> {
    const isWanted = (): boolean => this.#entries.get(uid) === entry;
    try {
      await pRetry(() => this.#serve(entry, isWanted), {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 500,
        maxTimeout: maxRetryDelayMs,
        shouldRetry: isWanted,
        onFailedAttempt: ({ error }) => {
          this.#log(`cannot serve ${podKey(entry.pod)}: ${describe(error)}`);
        },
      });
    } catch {
      // The pod is gone; what went wrong before that was logged.
    } finally {
      entry.isStarting = false;
    }
  }

  async #serve(entry: Entry, isWanted: () => boolean): Promise<void> {
    const onStarted = (simulator: Simulator): void => {
      entry.simulator = simulator;
      this.#record();
      if (!isWanted()) throw new Error('the pod went away');
    };
    try {
      await serveEndpoint(entry.pod, { client: this.#client, config: this.#config, onStarted });
      this.#log(`${podKey(entry.pod)} serves`);
    } catch (error) {
      entry.simulator?.stop();
      entry.simulator = undefined;
      throw error;
    }
  }

  #stop(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry === undefined) return;
    this.#entries.delete(uid);
    entry.simulator?.stop();
    this.#record();
  }

  // For `sandbox down`, should this process be killed before it can end them itself.
  #record(): void {
    const identities = [...this.#entries.values()].flatMap(({ simulator }) =>
      simulator === undefined ? [] : [simulator.identity],
    );
    try {
      writeFileSync(this.#config.simulatorsFile, JSON.stringify(identities));
    } catch (error) {
      // The sandbox was removed under us; ending the simulators matters more.
      if (!isMissingFile(error)) throw error;
    }
  }
}

function uidOf({ metadata }: Pod): string {
  return metadata.uid ?? '';
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
