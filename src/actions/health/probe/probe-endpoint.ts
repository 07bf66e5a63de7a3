import pLimit from 'p-limit';
import {
  type Canary,
  type CanaryContext,
  type CanaryReply,
  type Check,
  canaryCases,
  canaryContext,
  type EngineTarget,
  expectedSpeed,
  judgeAnswer,
  judgeMetrics,
  judgeProgress,
  judgeRankAnswers,
  judgeRanks,
  judgeServerSize,
  type MetricsReading,
  type ProbeId,
  type RankAnswer,
  type RequestEnd,
  ranksOfDataRanks,
  readServerSize,
  requiredChecks,
  type ServingEndpoint,
  serverInfoPath,
} from '../../../health/index.ts';
import type { Layout, PlacedGroup } from '../../../layout/index.ts';
import type { HealthPorts } from '../ports.ts';
import { chatPath, rankHeader, runCanary } from './canary-run.ts';
import {
  type ConnectionOptions,
  type ProbeConnection,
  withConnection,
} from './probe-connection.ts';
import { type MetricsReader, metricsReader } from './read-metrics.ts';

/** Milliseconds an endpoint may take per probe; a chat answer waits behind other requests. */
export const defaultProbeTimeoutsMs = {
  'http-health': 5_000,
  models: 5_000,
  chat: 60_000,
} as const satisfies Record<ProbeId, number>;

export interface EndpointQuestion extends ConnectionOptions {
  readonly layout: Layout;
  readonly group: PlacedGroup;
  readonly endpoint: ServingEndpoint;
  readonly canary: Canary;
  /** Tokens of the longest question; see `canaryContext`. */
  readonly needleTokens?: number | undefined;
  readonly timeoutsMs: Readonly<Record<ProbeId, number>>;
}

/** One request that any instruction-tuned model answers in a few tokens. */
const chatPrompt = 'Reply with the single word: ready';

/** Tokens of the answer: room for a short thought, bounded cost. */
const chatTokens = 32;

/** Milliseconds without an answer after which the other questions no longer wait for the first. */
const lateMs = 500;

const unaskedDetail = 'not asked, as the endpoint did not answer before';

/** Requests to single ranks in flight at once: all of an endpoint, so that hung ones wait together. */
const rankConcurrency = 32;

/** Asks one endpoint through a port-forward; what stands in the way makes each check `unknown`. */
export function probeEndpoint(
  ports: HealthPorts,
  question: EndpointQuestion,
): Promise<readonly Check[]> {
  const { layout, endpoint, canary } = question;
  const { namespace } = layout.spec;
  const pod = endpoint.pod.name;
  const podPort = { namespace, pod, port: endpoint.port };
  return withConnection(ports, podPort, {
    ...question,
    use: (connection) => new EndpointProbe(ports, connection, question).run(),
    refused: ({ reason, advice }) =>
      requiredChecks(canary).map(({ id, level }) => ({
        id,
        level,
        subject: `Pod/${namespace}/${pod}`,
        outcome: 'unknown',
        detail: reason,
        ...(advice === undefined ? {} : { advice }),
      })),
  });
}

type Answer = Exclude<Awaited<ReturnType<ProbeConnection['ask']>>, { readonly kind: 'broken' }>;

/** One endpoint being asked: engine first, then one question, each rank, and the canary. */
class EndpointProbe {
  readonly #clock: HealthPorts['clock'];
  readonly #connection: ProbeConnection;
  readonly #question: EndpointQuestion;
  readonly #target: EngineTarget;
  readonly #metrics: MetricsReader;
  readonly #context: CanaryContext;

  constructor(
    { clock }: Pick<HealthPorts, 'clock'>,
    connection: ProbeConnection,
    question: EndpointQuestion,
  ) {
    const { layout, group, endpoint, needleTokens, timeoutsMs } = question;
    const { namespace, observability } = layout.spec;
    const logsCommand = `kubectl logs ${endpoint.pod.name} -n ${namespace} --tail=200`;
    this.#clock = clock;
    this.#connection = connection;
    this.#question = question;
    this.#target = {
      subject: `Pod/${namespace}/${endpoint.pod.name}`,
      dataRanks: endpoint.dataRanks,
      ranks: group.pods.reduce((total, { ranks }) => total + ranks.length, 0),
      metricsWanted: observability.metrics,
      formatDataRanks: (dataRanks) => ranksOfDataRanks(group, dataRanks),
      logsCommand,
    };
    this.#metrics = metricsReader(connection, group, { clock, timeoutMs: timeoutsMs.models });
    this.#context = canaryContext(layout.spec, group, { logsCommand, needleTokens });
  }

  async run(): Promise<readonly Check[]> {
    const { health, models, before } = await this.#look();
    // Where nothing answers, questions would only add their time-outs.
    const isSilent = health.answer.kind !== 'answered' && models.answer.kind !== 'answered';
    const ranks = await this.#judgeRanks(before, isSilent);
    const engine = [health.check, judgeMetrics(before, this.#target), ranks];
    const checks = [...engine, models.check];
    if (this.#question.canary !== 'none' && !isSilent) {
      checks.push(...(await this.#converse(before)));
    }
    return this.#fillIn(checks).map((check) => this.#withPort(check));
  }

  /**
   * Asks for health, models and metrics: over one connection, unless the first answer is late. Each may
   * then have to wait for its time-out, and side by side that passes once.
   */
  async #look() {
    const readModels = () => this.#probe('models');
    const readMetrics = () => this.#metrics.read();
    const asked = this.#probe('http-health');
    const patience = new AbortController();
    const late = this.#clock.sleep(lateMs, patience.signal);
    const first = await Promise.race([asked, late]).finally(() => {
      patience.abort();
    });
    if (first?.answer.kind === 'answered')
      return { health: first, models: await readModels(), before: await readMetrics() };
    const [health, models, before] = await Promise.all([asked, readModels(), readMetrics()]);
    return { health, models, before };
  }

  /** By the metrics; by what the server says of itself where they do not tell ranks apart. */
  async #judgeRanks(before: MetricsReading, isSilent: boolean): Promise<Check> {
    const { group, timeoutsMs } = this.#question;
    const { engine } = group.spec;
    const path = serverInfoPath(engine);
    if (path === undefined || tellsRanks(before)) return judgeRanks(before, this.#target);
    const blind = (reason: string) =>
      ({ kind: 'unreadable', reason: `GET ${path}: ${reason}` }) as const;
    if (isSilent) return judgeServerSize(blind(unaskedDetail), this.#target);
    // The server asks its schedulers first, between two steps of theirs.
    const timeoutMs = timeoutsMs.chat / 2;
    const reply = whole(await this.#connection.ask({ path, key: 'right', timeoutMs }));
    switch (reply.kind) {
      case 'answered':
        return judgeServerSize(
          reply.status === 200
            ? readServerSize(engine, reply.body)
            : blind(`answered ${reply.status}`),
          this.#target,
        );
      case 'timed-out':
        return judgeServerSize(blind(`none within ${reply.afterSeconds} s`), this.#target);
      case 'refused':
      case 'not-asked':
        return judgeServerSize(blind(reply.reason), this.#target);
    }
  }

  /** Stands in for checks that would only have waited for more time-outs. */
  #fillIn(checks: readonly Check[]): readonly Check[] {
    const done = new Set(checks.map(({ id }) => id));
    const left = requiredChecks(this.#question.canary).filter(({ id }) => !done.has(id));
    const { subject } = this.#target;
    return [
      ...checks,
      ...left.map(
        ({ id, level }) =>
          ({ id, level, subject, outcome: 'unknown', detail: unaskedDetail }) as const,
      ),
    ];
  }

  async #converse(before: MetricsReading): Promise<readonly Check[]> {
    const { canary, endpoint, timeoutsMs } = this.#question;
    const chat = await this.#probe('chat');
    const after = await this.#metrics.readSettled(
      (reading) => !isFinished(chat.answer) || tokensOf(reading) > tokensOf(before),
    );
    const progress = judgeProgress({ before, after }, endingOf(chat.answer), this.#target);
    const ranks = await this.#askRanks(after, endingOf(chat.answer));
    const answers =
      chat.check.outcome === 'passed'
        ? await runCanary({
            connection: this.#connection,
            metrics: this.#metrics,
            context: this.#contextFor(before),
            subject: this.#target.subject,
            cases: canaryCases(canary),
            firstRank: endpoint.dataRanks[0],
            timeoutMs: timeoutsMs.chat,
            clock: this.#clock,
          })
        : [];
    return [progress, ranks, chat.check, ...answers];
  }

  /** Adds how fast a request is to be answered beside those that run already. */
  #contextFor(before: MetricsReading): CanaryContext {
    const { layout, group } = this.#question;
    const running = before.kind === 'read' ? before.value.total.running : 0;
    const speed = expectedSpeed(layout.spec, group, running);
    return speed === undefined ? this.#context : { ...this.#context, expectedSpeed: speed };
  }

  async #probe(id: ProbeId): Promise<{ readonly check: Check; readonly answer: Answer }> {
    const { layout, endpoint, timeoutsMs } = this.#question;
    const { namespace, api } = layout.spec;
    const startedMs = this.#clock.nowMs();
    const answer = await this.#ask(id, timeoutsMs[id]);
    const durationMs = Math.round(this.#clock.nowMs() - startedMs);
    const { servedModelNames } = api;
    const target = { namespace, pod: endpoint.pod.name, servedModelNames };
    return { check: { ...judgeAnswer(id, answer, target), durationMs }, answer };
  }

  async #ask(id: ProbeId, timeoutMs: number): Promise<Answer> {
    switch (id) {
      case 'http-health':
        // The engine asks for the key under /v1 only.
        return whole(await this.#connection.ask({ path: '/health', timeoutMs }));
      case 'models':
        return whole(await this.#connection.ask({ path: '/v1/models', key: 'right', timeoutMs }));
      case 'chat':
        return this.#chat(chatTokens, timeoutMs);
    }
  }

  #chat(maxTokens: number, timeoutMs: number, dataRank?: number): Promise<CanaryReply> {
    return this.#connection.insist({
      path: chatPath,
      key: 'right',
      headers: dataRank === undefined ? undefined : rankHeader(dataRank),
      body: {
        model: this.#context.model,
        messages: [{ role: 'user', content: chatPrompt }],
        max_tokens: maxTokens,
        temperature: 0,
      },
      timeoutMs,
    });
  }

  /** Sends one token's worth of work to each data-parallel rank. */
  async #askRanks(before: MetricsReading, request: RequestEnd): Promise<Check> {
    const dataRanks = request === 'failed' ? [] : this.#target.dataRanks;
    const limit = pLimit(rankConcurrency);
    const answers =
      dataRanks.length < 2
        ? []
        : await Promise.all(dataRanks.map((dataRank) => limit(() => this.#askRank(dataRank))));
    const judge = (after: MetricsReading): Check =>
      judgeRankAnswers(answers, { request, before, after }, this.#target);
    if (answers.length === 0) return judge(before);
    const after = await this.#metrics.readSettled(
      (reading) => !tellsRanks(reading) || judge(reading).outcome !== 'skipped',
    );
    return judge(after);
  }

  async #askRank(dataRank: number): Promise<RankAnswer> {
    // Half the time of a question: a rank that hangs must not double the time of a check.
    const reply = await this.#chat(1, this.#question.timeoutsMs.chat / 2, dataRank);
    switch (reply.kind) {
      case 'answered':
        return {
          dataRank,
          ended: reply.status === 200 ? 'answered' : reply.status >= 500 ? 'failed' : 'not-asked',
          detail: `answered ${reply.status}`,
        };
      case 'timed-out':
        return { dataRank, ended: 'failed', detail: `no answer within ${reply.afterSeconds} s` };
      case 'refused':
        return { dataRank, ended: 'failed', detail: reply.reason };
      case 'not-asked':
        return { dataRank, ended: 'not-asked', detail: reply.reason };
    }
  }

  /** Names the port where a pod has several. */
  #withPort(check: Check): Check {
    const { endpoint } = this.#question;
    if (endpoint.key === endpoint.pod.name) return check;
    return { ...check, detail: `port ${endpoint.port}: ${check.detail}` };
  }
}

/** An answer that broke off proves as little as none. */
function whole(reply: Awaited<ReturnType<ProbeConnection['ask']>>): Answer {
  if (reply.kind !== 'broken') return reply;
  return { kind: 'not-asked', reason: 'the answer broke off' };
}

function isFinished(answer: Answer): boolean {
  return answer.kind === 'answered' && answer.status === 200;
}

function endingOf(answer: Answer): RequestEnd {
  if (isFinished(answer)) return 'finished';
  return answer.kind === 'timed-out' ? 'unfinished' : 'failed';
}

function tellsRanks(reading: MetricsReading): boolean {
  return reading.kind === 'read' && reading.value.byRank !== undefined;
}

function tokensOf(reading: MetricsReading): number {
  return reading.kind === 'read' ? reading.value.total.generationTokens : 0;
}
