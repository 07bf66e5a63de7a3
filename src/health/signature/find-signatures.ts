import type { StartPhase } from '../../engines/index.ts';
import { type LogLine, parseLineRank, parseLogLines } from '../log-line.ts';
import type { ContainerStatus, PodStatus } from '../pod/pod-status.ts';
import { configurationSignatures } from './configuration.ts';
import { dropVague } from './drop-vague.ts';
import { memorySignatures } from './memory.ts';
import { networkSignatures } from './network.ts';
import { showLines } from './show-lines.ts';
import type { Finding, LogPhase, Signature, SignatureContext } from './signature.ts';
import { vagueSignatures } from './vague.ts';
import { weightsSignatures } from './weights.ts';

/** Every known failure, for documentation and tests. */
export const signatures: readonly Signature[] = [
  ...configurationSignatures,
  ...weightsSignatures,
  ...memorySignatures,
  ...networkSignatures,
  ...vagueSignatures,
];

/**
 * Finds the known failures in the log and status of one pod, each at most once, at its first line;
 * a healthy start gives none. Findings of several pods are ordered by `orderFindings`.
 */
export function findSignatures(
  logText: string,
  podStatus: PodStatus | undefined,
  context: SignatureContext,
): readonly Finding[] {
  const log = parseLogLines(logText);
  const said = podStatus === undefined ? [] : statusLines(podStatus);
  const lines = [...log, ...said];
  const phases = readPhases(lines, context);
  const findings = signatures
    .filter((signature) => applies(signature, context))
    .flatMap((signature) => {
      const position = lines.findIndex(
        ({ text }, index) => inPhase(signature, phases[index]) && matches(signature, text),
      );
      return position < 0 ? [] : [toFinding(signature, lines, { position, context })];
    });
  return dropVague(findings);
}

function applies({ engines, when }: Signature, context: SignatureContext): boolean {
  if (engines !== 'any' && !engines.includes(context.engine)) return false;
  return when?.(context) ?? true;
}

function matches({ pattern, unless }: Signature, text: string): boolean {
  return pattern.test(text) && unless?.test(text) !== true;
}

function inPhase({ phase }: Signature, current: LogPhase | undefined): boolean {
  if (phase === undefined || current === undefined) return true;
  return typeof phase === 'string' ? phase === current : phase.includes(current);
}

interface Place {
  readonly position: number;
  readonly context: SignatureContext;
}

function toFinding(
  signature: Signature,
  lines: readonly LogLine[],
  { position, context }: Place,
): Finding {
  const { code, weight, meaning, nextStep, source } = signature;
  const line = lines[position] ?? { text: '' };
  return {
    code,
    weight,
    engine: context.engine,
    meaning,
    nextStep: nextStep(context),
    source,
    pod: context.pod,
    ...(context.node === undefined ? {} : { node: context.node }),
    ...(line.atMs === undefined ? {} : { atMs: line.atMs }),
    position,
    rank: formatLineRank(line.text),
    lines: showLines(lines, position, signature),
  };
}

function formatLineRank(text: string): string {
  const { dataRank, tensorRank, rank } = parseLineRank(text);
  return [
    ...(dataRank === undefined ? [] : [`DP${dataRank}`]),
    ...(tensorRank === undefined ? [] : [`TP${tensorRank}`]),
    ...(rank === undefined ? [] : [`rank ${rank}`]),
  ].join(' ');
}

const phaseOfMilestone = {
  configured: 'starting',
  connected: 'starting',
  'loading weights': 'loading',
  'weights loaded': 'sizing',
  'warming up': 'sizing',
  'cache sized': 'sizing',
  'capturing graphs': 'capturing',
  serving: 'serving',
} as const satisfies Record<StartPhase, LogPhase>;

const phaseOrder: readonly LogPhase[] = ['starting', 'loading', 'sizing', 'capturing', 'serving'];

/** The furthest phase reached up to each line: ranks run at different speeds in one log. */
function readPhases(
  lines: readonly LogLine[],
  { milestones }: SignatureContext,
): readonly LogPhase[] {
  let reached = 0;
  return lines.map(({ text }) => {
    const passed = milestones.findLast(({ pattern }) => pattern.test(text));
    const phase = passed === undefined ? 'starting' : phaseOfMilestone[passed.phase];
    reached = Math.max(reached, phaseOrder.indexOf(phase));
    return phaseOrder[reached] ?? 'starting';
  });
}

/** What the kubelet said about the containers, as lines: some engines never get to write one. */
function statusLines({ status }: PodStatus): readonly LogLine[] {
  return [...status.initContainerStatuses, ...status.containerStatuses].flatMap(containerLines);
}

function containerLines({ name, state, lastState }: ContainerStatus): readonly LogLine[] {
  const { waiting } = state;
  const ended = state.terminated ?? lastState.terminated;
  const endedAtMs = Date.parse(ended?.finishedAt ?? '');
  const time = Number.isNaN(endedAtMs) ? {} : { atMs: endedAtMs };
  return [
    ...(waiting?.message ? [{ text: `${name}: ${waiting.reason ?? ''}: ${waiting.message}` }] : []),
    ...(ended?.reason === 'OOMKilled' ? [{ ...time, text: `${name}: OOMKilled` }] : []),
    ...(ended?.message ? [{ ...time, text: `${name}: ${ended.message}` }] : []),
  ].map((line) => ({ ...line, text: line.text.replaceAll('\n', ' ') }));
}
