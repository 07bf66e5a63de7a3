import {
  type Canary,
  findCause,
  type GroupHealth,
  type HealthReport,
  judgeGroups,
  toReport,
} from '../../health/index.ts';
import type { Layout } from '../../layout/index.ts';
import { explainCause, explainedReport } from './explain/explain.ts';
import type { HealthPorts } from './ports.ts';
import { probeEndpoints, readyEndpoints } from './probe/probe-endpoints.ts';
import { type ProbeTimeoutsMs, pageTimeoutMs } from './probe/probe-timeouts.ts';
import { type ApiKey, readApiKey, secretsOf } from './probe/read-api-key.ts';
import { readService } from './probe/read-service.ts';
import { noSurroundings, readSurroundings, type Surroundings } from './read-surroundings.ts';
import { findReplaced, hasTrouble, lacksPods, podNames, withPeers } from './replaced-pods.ts';
import { readOr } from './try-read.ts';
import { throwIfInterrupted } from './wait/interruption.ts';
import {
  type Answers,
  type ObjectReadings,
  readObjects,
  scaleLayout,
  toFacts,
} from './wait/object-readings.ts';

export interface ReadHealthOptions {
  /** What each endpoint is asked besides its health, its metrics and its models. */
  readonly canary: Canary;
  /**
   * Tokens of the longest question of a full canary.
   *
   * @default 8192, or half of what a group takes when that is less
   */
  readonly needleTokens?: number | undefined;
  /**
   * Key to ask with.
   *
   * @default - the one in the Secret of the spec, when there is one.
   */
  readonly apiKey?: string | undefined;
  /**
   * Milliseconds an endpoint may take.
   *
   * @default - what the engine needs; see `probeTimeoutsMs`
   */
  readonly timeoutsMs?: Partial<ProbeTimeoutsMs> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Looks at pods that were replaced while they were asked; one that goes on changing is restarting. */
const maxLooks = 3;

/** Looks at a pod that is absent: its controller makes it again within a second or two. */
const missingTries = 3;

const missingDelayMs = 700;

/**
 * Reads what is true now: the objects, every pod of the layout, the Service, and the answers of
 * every ready pod that serves. Changes nothing in the cluster. What could not be checked is `unknown` in the report.
 */
export async function readHealth(
  wanted: Layout,
  ports: HealthPorts,
  options: ReadHealthOptions,
): Promise<HealthReport> {
  const { signal } = options;
  const apiKey = await readApiKey(wanted, ports.cluster, options.apiKey);
  const { layout, groups, surroundings } = await new HealthReading(wanted, ports, {
    ...options,
    apiKey,
  })
    .run()
    .catch((error: unknown) => {
      throwIfInterrupted(signal, 'read health');
      throw error;
    });
  const cause = findCause(groups);
  if (cause === undefined) return toReport(layout, groups);
  const secrets = secretsOf(apiKey);
  const evidence = { groups, events: surroundings.events, secrets, layout };
  return explainedReport(layout, groups, await explainCause(ports.cluster, cause, evidence));
}

interface HealthLook {
  readonly layout: Layout;
  readonly groups: readonly GroupHealth[];
  readonly surroundings: Surroundings;
}

type ReadingOptions = Omit<ReadHealthOptions, 'apiKey'> & { readonly apiKey: ApiKey };

/** One reading: what was asked, and what it still holds for after pods were replaced. */
class HealthReading {
  readonly #wanted: Layout;
  readonly #ports: HealthPorts;
  readonly #options: ReadingOptions;
  readonly #seenBefore = new Set<string>();
  #probes: Answers = new Map();
  #service: Answers = new Map();
  #surroundings: Surroundings = noSurroundings;

  constructor(wanted: Layout, ports: HealthPorts, options: ReadingOptions) {
    this.#wanted = wanted;
    this.#ports = ports;
    this.#options = options;
  }

  /**
   * Looks, and looks again at what was replaced meanwhile: an engine that is told to stop refuses
   * and hangs up like a dead one, and only the pods tell which it was.
   */
  async run(): Promise<HealthLook> {
    let objects = await this.#readSettled();
    for (let looks = 1; ; looks += 1) {
      throwIfInterrupted(this.#options.signal, 'read health');
      await this.#ask(objects);
      const look = this.#judge(objects);
      if (!hasTrouble(this.#probes) && !hasTrouble(this.#service)) return look;
      for (const name of podNames(objects)) this.#seenBefore.add(name);
      // A cluster that went away in the middle has nothing to add to what was found.
      const read = await readOr(undefined, () => this.#readObjects());
      if (read === undefined) return look;
      const replaced = findReplaced(objects, read);
      if (replaced.size === 0) return look;
      this.#forget(withPeers(replaced, look.groups));
      objects = { ...read, seenBefore: this.#seenBefore };
      if (looks >= maxLooks) return this.#judge(objects);
    }
  }

  /** Reads objects until no pod is absent that its controller may be about to make. */
  async #readSettled(): Promise<ObjectReadings> {
    for (let tries = 1; ; tries += 1) {
      const objects = await this.#readObjects();
      if (tries >= missingTries || !lacksPods(this.#judge(objects).groups)) return objects;
      await this.#ports.clock.sleep(missingDelayMs, this.#options.signal);
    }
  }

  #readObjects(): Promise<ObjectReadings> {
    return readObjects(this.#wanted, this.#ports);
  }

  /** Asks every endpoint that is ready and has no answer yet, and the Service. */
  async #ask(objects: ObjectReadings): Promise<void> {
    const { apiKey, canary, needleTokens, timeoutsMs, signal } = this.#options;
    const { layout, groups } = this.#judge(objects);
    const { namespace } = layout.spec;
    const endpoints = readyEndpoints(layout, groups).filter(
      ({ endpoint }) => !this.#probes.has(endpoint.key),
    );
    const settings = { apiKey, signal };
    const [surroundings, probes, service] = await Promise.all([
      readSurroundings(this.#ports.cluster, { namespace, groups, nodes: 'all' }),
      probeEndpoints(layout, this.#ports, endpoints, {
        ...settings,
        canary,
        needleTokens,
        timeoutsMs,
      }),
      readService(layout, this.#ports, {
        ...settings,
        timeoutMs: pageTimeoutMs(timeoutsMs),
        groups,
      }),
    ]);
    this.#surroundings = surroundings;
    this.#probes = new Map([...this.#probes, ...probes]);
    this.#service = service;
  }

  /** Drops what pods that are no more said, and what was said of them. */
  #forget(names: ReadonlySet<string>): void {
    const isKept = (key: string): boolean => !names.has(key.split(':')[0] ?? key);
    this.#probes = new Map([...this.#probes].filter(([key]) => isKept(key)));
    this.#service = new Map();
  }

  #judge(objects: ObjectReadings): HealthLook {
    const { layout, scalings } = scaleLayout(this.#wanted, objects);
    const surroundings = this.#surroundings;
    const answers = { probes: this.#probes, service: this.#service };
    const read = { objects, scalings, surroundings, ...answers };
    const groups = judgeGroups(layout, (group) => toFacts(group, read), this.#options.canary);
    return { layout, groups, surroundings };
  }
}
