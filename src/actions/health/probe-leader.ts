import type { PortForward } from '../../cluster/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import {
  type Check,
  judgeAnswer,
  type ProbeAnswer,
  type ProbeId,
  type ProbeTarget,
} from '../../health/index.ts';
import { ask, type Question } from './ask.ts';
import type { HealthPorts } from './ports.ts';
import type { ApiKey } from './read-api-key.ts';

/** Milliseconds a leader may take per probe; a chat answer waits behind other requests. */
export const defaultProbeTimeoutsMs = {
  'http-health': 5_000,
  models: 5_000,
  chat: 60_000,
} as const satisfies Record<ProbeId, number>;

export interface LeaderQuestion {
  readonly target: ProbeTarget;
  readonly port: number;
  readonly probes: readonly ProbeId[];
  readonly apiKey: ApiKey;
  readonly timeoutsMs: Readonly<Record<ProbeId, number>>;
  readonly signal?: AbortSignal | undefined;
}

/** One request that any instruction-tuned model answers in a few tokens. */
const canaryPrompt = 'Reply with the single word: ready';

/** Tokens of the answer: room for a short thought, bounded cost. */
const canaryTokens = 32;

/** Asks one leader through a port-forward; what stands in the way makes each probe `unknown`. */
export async function probeLeader(
  { cluster, clock }: HealthPorts,
  question: LeaderQuestion,
): Promise<readonly Check[]> {
  const { target, port, probes } = question;
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: target.namespace, name: target.pod };
  let forward: PortForward;
  try {
    forward = await cluster.openPortForward(pod, port);
  } catch (error) {
    if (!(error instanceof DsdeployError) || error.code === 'INTERRUPTED') throw error;
    const answer = notForwarded(error, target);
    return probes.map((id) => judgeAnswer(id, answer, target));
  }
  try {
    const checks: Check[] = [];
    for (const id of probes) {
      const startedMs = clock.nowMs();
      const answer = await askProbe(id, forward, question);
      const durationMs = Math.round(clock.nowMs() - startedMs);
      checks.push({ ...judgeAnswer(id, answer, target), durationMs });
    }
    return checks;
  } finally {
    await forward.close();
  }
}

async function askProbe(
  id: ProbeId,
  forward: PortForward,
  { target, apiKey, timeoutsMs, signal }: LeaderQuestion,
): Promise<ProbeAnswer> {
  // The engine asks for the key under /v1 only.
  if (id !== 'http-health' && apiKey.kind === 'unreadable') {
    return { kind: 'not-asked', reason: `no API key: ${apiKey.reason}`, advice: apiKey.advice };
  }
  const key = apiKey.kind === 'key' ? apiKey.value : undefined;
  const answer = await ask({
    ...requestOf(id, forward.baseUrl, target),
    ...(id === 'http-health' ? {} : { apiKey: key }),
    timeoutMs: timeoutsMs[id],
    signal,
  });
  if (answer.kind === 'not-asked') return toRefused(answer, forward.lastProblem?.());
  // An endpoint that echoes its headers must not bring the key into a report.
  if (answer.kind !== 'answered' || key === undefined) return answer;
  return { ...answer, body: answer.body.replaceAll(key, '***') };
}

/** Takes the word of the pod's node that nothing listens; any other failure proves nothing. */
function toRefused(
  answer: ProbeAnswer & { readonly kind: 'not-asked' },
  problem: string | undefined,
): ProbeAnswer {
  if (problem === undefined) return answer;
  if (/connection refused/i.test(problem)) return { kind: 'refused', reason: problem };
  return { ...answer, reason: `${answer.reason}: ${problem}` };
}

function requestOf(
  id: ProbeId,
  baseUrl: string,
  target: ProbeTarget,
): Pick<Question, 'url' | 'method' | 'body'> {
  switch (id) {
    case 'http-health':
      return { url: `${baseUrl}/health`, method: 'GET' };
    case 'models':
      return { url: `${baseUrl}/v1/models`, method: 'GET' };
    case 'chat':
      return {
        url: `${baseUrl}/v1/chat/completions`,
        method: 'POST',
        body: JSON.stringify({
          model: target.servedModelNames[0],
          messages: [{ role: 'user', content: canaryPrompt }],
          max_tokens: canaryTokens,
          temperature: 0,
        }),
      };
  }
}

function notForwarded(error: DsdeployError, { namespace }: ProbeTarget): ProbeAnswer {
  const advice =
    error.hint ?? `Check \`kubectl auth can-i create pods/portforward -n ${namespace}\`.`;
  return { kind: 'not-asked', reason: error.message, advice };
}
