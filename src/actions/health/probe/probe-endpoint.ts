import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import {
  type Canary,
  type CanaryContext,
  type CanaryReply,
  type CanaryRequest,
  type Check,
  canaryCases,
  canaryContext,
  chatPrompt,
  type EngineTarget,
  expectedSpeed,
  judgeAnswer,
  judgeMetrics,
  judgeProgress,
  judgeRankAnswers,
  judgeRanks,
  judgeServerSize,
  type MetricsReading,
  namePort,
  type ProbeId,
  type RankAnswer,
  type RequestEnd,
  rankQuestion,
  ranksOfDataRanks,
  requiredChecks,
  type ServingEndpoint,
  serverInfoPath,
} from '../../../health/index.ts';
import type { Layout, PlacedGroup } from '../../../layout/index.ts';
import type { HealthPorts } from '../ports.ts';
import { askServerSize } from './ask-server-size.ts';
import { chatPath, rankHeader, runCanary } from './canary-run.ts';
import { LifeWatch } from './life-watch.ts';
import {
  type Answer,
  type ConnectionOptions,
  type ProbeConnection,
  whole,
  withConnection,
} from './probe-connection.ts';
import { type ProbeTimeoutsMs, probeTimeoutsMs } from './probe-timeouts.ts';
import { type MetricsReader, metricsReader } from './read-metrics.ts';
import { readRankAnswer } from './read-rank-answer.ts';

export interface EndpointQuestion extends ConnectionOptions {
  readonly layout: Layout;
  readonly group: PlacedGroup;
  readonly endpoint: ServingEndpoint;
  readonly canary: Canary;
  /** Tokens of the longest question; see `canaryContext`. */
  readonly needleTokens?: number | undefined;
  readonly timeoutsMs?: Partial<ProbeTimeoutsMs> | undefined;
}

/** Tokens of the answer: room for a short thought, bounded cost. */
const chatTokens = 32;

/** Milliseconds without an answer after which the other questions no longer wait for the first. */
const lateMs = 500;

/**
 * Milliseconds without an answer to the question after which each rank is asked too: one that hangs is
 * then found while the question still waits.
 */
const doubtMs = 5_000;

const unaskedDetail = 'not asked, as the endpoint did not answer before';

/** Requests to single ranks in flight at once: all of an endpoint, so that hung ones wait together. */
const rankConcurrency = 32;

/** Asks one endpoint through a port-forward; what stands in the way makes each check `unknown`. */
export async function probeEndpoint(
  ports: HealthPorts,
  question: EndpointQuestion,
): Promise<readonly Check[]> {
  const { layout, endpoint, canary } = question;
  const { namespace } = layout.spec;
  const pod = endpoint.pod.name;
  const podPort = { namespace, pod, port: endpoint.port };
  const checks = await withConnection<readonly Check[]>(ports, podPort, {
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
  return checks.map((check) => placeCheck(check, question));
}

/** Names the port, and the ranks behind it where they are a share of the pod's: the others are well. */
function placeCheck(check: Check, { group, endpoint }: EndpointQuestion): Check {
  const placed = { ...check, detail: namePort(endpoint, check.detail) };
  if (group.spec.loadBalancing !== 'multi-port' || check.outcome === 'passed') return placed;
  return { ranks: ranksOfDataRanks(group, endpoint.dataRanks), ...placed };
}

interface Limits {
  readonly timeoutMs: number;
  readonly giveUp?: AbortSignal | undefined;
}

interface ProbeResult {
  readonly check: Check;
  readonly answer: Answer;
}

/** One endpoint being asked: engine first, then one question, each rank, and the canary. */
class EndpointProbe {
  readonly #clock: HealthPorts['clock'];
  readonly #connection: ProbeConnection;
  readonly #question: EndpointQuestion;
  readonly #target: EngineTarget;
  readonly #timeoutsMs: ProbeTimeoutsMs;
  readonly #metrics: MetricsReader;
  readonly #life: LifeWatch;
  readonly #context: CanaryContext;

  constructor(
    { clock }: Pick<HealthPorts, 'clock'>,
    connection: ProbeConnection,
    question: EndpointQuestion,
  ) {
    const { layout, group, endpoint, needleTokens } = question;
    const timeoutsMs = probeTimeoutsMs(question.timeoutsMs, group.spec);
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
    this.#timeoutsMs = timeoutsMs;
    this.#metrics = metricsReader(connection, group, { clock, timeoutMs: timeoutsMs.models });
    this.#life = new LifeWatch(this.#metrics, timeoutsMs.standstill);
    this.#context = canaryContext(layout.spec, group, { logsCommand, needleTokens });
  }

  async run(): Promise<readonly Check[]> {
    const { health, models, before } = await this.#look();
    // Where nothing answers, questions would only add their time-outs.
    const isSilent =
      health.answer.kind === 'timed-out' ||
      (health.answer.kind !== 'answered' && models.answer.kind !== 'answered');
    const ranks = await this.#judgeRanks(before, isSilent);
    const engine = [health.check, judgeMetrics(before, this.#target), ranks];
    const checks = [...engine, models.check];
    if (this.#question.canary !== 'none' && !isSilent) {
      checks.push(...(await this.#converse(before)));
    }
    return this.#fillIn(checks);
  }

  /**
   * Asks for health, models and metrics: over one connection, unless the first answer is late. Each may
   * then have to wait for its time-out, and side by side that passes once.
   */
  async #look() {
    const enough = new AbortController();
    const readModels = async () => {
      const models = await this.#probe('models');
      // A list that does not come is reason enough: nobody has to think about it.
      if (models.answer.kind === 'timed-out') enough.abort();
      return models;
    };
    const readMetrics = () => this.#metrics.read();
    const asked = this.#life.during(undefined, (giveUp) =>
      this.#probe('http-health', AbortSignal.any([giveUp, enough.signal])),
    );
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
    const { engine } = this.#question.group.spec;
    const path = serverInfoPath(engine);
    if (path === undefined || tellsRanks(before)) return judgeRanks(before, this.#target);
    const reading = isSilent
      ? ({ kind: 'unreadable', reason: `GET ${path}: ${unaskedDetail}` } as const)
      : await askServerSize(engine, path, {
          connection: this.#connection,
          life: this.#life,
          timeoutMs: this.#timeoutsMs.chat / 2,
        });
    return judgeServerSize(reading, this.#target);
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
    const { canary, endpoint } = this.#question;
    const { chat, early } = await this.#askQuestion();
    const request = endingOf(chat.answer);
    const after = await this.#metrics.readSettled(
      (reading) => !isFinished(chat.answer) || tokensOf(reading) > tokensOf(before),
    );
    const progress = judgeProgress({ before, after }, request, this.#target);
    const ranks = await this.#askRanks(early === undefined ? after : before, request, early);
    // Any question could go to the rank that hangs, and wait for it again.
    const answers =
      chat.check.outcome === 'passed' && !ranks.isSilent
        ? await runCanary({
            connection: this.#connection,
            life: this.#life,
            metrics: this.#metrics,
            context: this.#contextFor(before),
            subject: this.#target.subject,
            cases: canaryCases(canary),
            firstRank: endpoint.dataRanks[0],
            timeoutMs: this.#timeoutsMs.chat,
            clock: this.#clock,
          })
        : [];
    return [progress, ranks.check, chat.check, ...answers];
  }

  /**
   * Asks one question, and each rank as well once its answer is late. A rank that does not answer
   * settles it: the question waits no longer.
   */
  async #askQuestion(): Promise<{
    readonly chat: ProbeResult;
    readonly early?: Promise<readonly RankAnswer[]>;
  }> {
    const enough = new AbortController();
    const asked = this.#life.during(undefined, (giveUp) =>
      this.#probe('chat', AbortSignal.any([giveUp, enough.signal])),
    );
    const timer = new AbortController();
    const late = sleep(doubtMs, undefined, { signal: timer.signal }).catch(() => undefined);
    const answered = await Promise.race([asked, late]).finally(() => {
      timer.abort();
    });
    if (answered !== undefined) return { chat: answered };
    const early = this.#askEachRank();
    const found = early.then((answers) => {
      if (answers.some(({ ended }) => ended === 'failed')) enough.abort();
    });
    const [chat] = await Promise.all([asked, found]);
    return { chat, early };
  }

  /** Adds how fast a request is to be answered beside those that run already. */
  #contextFor(before: MetricsReading): CanaryContext {
    const { layout, group } = this.#question;
    const running = before.kind === 'read' ? before.value.total.running : 0;
    const speed = expectedSpeed(layout.spec, group, running);
    return speed === undefined ? this.#context : { ...this.#context, expectedSpeed: speed };
  }

  async #probe(id: ProbeId, giveUp?: AbortSignal): Promise<ProbeResult> {
    const { layout, endpoint } = this.#question;
    const { namespace, api } = layout.spec;
    const startedMs = this.#clock.nowMs();
    const answer = await this.#ask(id, { timeoutMs: this.#timeoutsMs[id], giveUp });
    const durationMs = Math.round(this.#clock.nowMs() - startedMs);
    const { servedModelNames } = api;
    const target = { namespace, pod: endpoint.pod.name, servedModelNames };
    return { check: { ...judgeAnswer(id, answer, target), durationMs }, answer };
  }

  async #ask(id: ProbeId, limits: Limits): Promise<Answer> {
    switch (id) {
      case 'http-health':
        // The engine asks for the key under /v1 only.
        return whole(await this.#connection.ask({ path: '/health', ...limits }));
      case 'models':
        return whole(await this.#connection.ask({ path: '/v1/models', key: 'right', ...limits }));
      case 'chat':
        return this.#chat(
          { messages: [{ role: 'user', content: chatPrompt }], max_tokens: chatTokens },
          limits,
        );
    }
  }

  #chat(body: CanaryRequest['body'], limits: Limits, place?: number): Promise<CanaryReply> {
    return this.#connection.insist({
      path: chatPath,
      key: 'right',
      headers: place === undefined ? undefined : rankHeader(place),
      body: { model: this.#context.model, temperature: 0, ...body },
      ...limits,
    });
  }

  /** Judges the answers of single ranks, asked for before `early` or now. */
  async #askRanks(
    before: MetricsReading,
    request: RequestEnd,
    early?: Promise<readonly RankAnswer[]>,
  ): Promise<{ readonly check: Check; readonly isSilent: boolean }> {
    const answers = request === 'failed' ? [] : await (early ?? this.#askEachRank());
    const judge = (after: MetricsReading): Check =>
      judgeRankAnswers(answers, { request, before, after }, this.#target);
    if (answers.length === 0) return { check: judge(before), isSilent: false };
    const after = await this.#metrics.readSettled(
      (reading) => !tellsRanks(reading) || isSettled(judge(reading)),
    );
    const check = judge(after);
    const isWaited = answers.some(({ ended }) => ended === 'failed' || ended === 'late');
    return { check, isSilent: check.outcome === 'failed' && isWaited };
  }

  /** Sends a short question to each data-parallel rank. */
  async #askEachRank(): Promise<readonly RankAnswer[]> {
    const { dataRanks } = this.#target;
    if (dataRanks.length < 2) return [];
    const limit = pLimit(rankConcurrency);
    return Promise.all(
      dataRanks.map((dataRank, place) => limit(() => this.#askRank(dataRank, place))),
    );
  }

  /** An answer that is wrong is asked for again: a model may slip once. */
  async #askRank(dataRank: number, place: number): Promise<RankAnswer> {
    const first = await this.#askRankOnce(dataRank, place);
    return first.ended === 'wrong' ? this.#askRankOnce(dataRank, place) : first;
  }

  async #askRankOnce(dataRank: number, place: number): Promise<RankAnswer> {
    const { canary } = this.#question;
    const timeoutMs = this.#timeoutsMs.chat;
    const reply = await this.#life.during(dataRank, (giveUp) =>
      this.#chat(rankQuestion(canary, this.#context), { timeoutMs, giveUp }, place),
    );
    return readRankAnswer(dataRank, reply, canary);
  }
}

function isSettled({ outcome }: Check): boolean {
  return outcome === 'passed' || outcome === 'failed';
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
