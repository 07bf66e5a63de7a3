import type { EngineId } from '../../catalog/index.ts';
import { engines, type ServerSize } from '../../engines/index.ts';
import { formatNouns } from '../../units/index.ts';
import type { Reading } from '../reading.ts';
import type { Check } from '../report.ts';
import type { EngineTarget } from './judge-engine.ts';

/** How a server of an engine is asked for its size; `undefined` where the metrics tell. */
export function serverInfoPath(engine: EngineId): string | undefined {
  return engines[engine].serverInfo?.path;
}

/** Reads the page of a server about itself. Its body holds secrets and is never shown. */
export function readServerSize(engine: EngineId, text: string): Reading<ServerSize> {
  const info = engines[engine].serverInfo;
  const value = info?.read(parseJson(text));
  if (info !== undefined && value !== undefined) return { kind: 'read', value };
  return { kind: 'unreadable', reason: `GET ${info?.path ?? '/'} answered something else` };
}

/**
 * Judges whether a server runs the ranks of the layout, by its own word: its metrics do not tell
 * them apart. It asks its schedulers before it answers, so that one which hangs leaves this open.
 */
export function judgeServerSize(reading: Reading<ServerSize>, target: EngineTarget): Check {
  const { subject, dataRanks, ranks, logsCommand } = target;
  const base = { id: 'ranks', level: 'engine', subject } as const;
  if (reading.kind === 'unreadable') {
    return {
      ...base,
      outcome: 'unknown',
      detail: reading.reason,
      advice: `See whether a scheduler hangs: \`${logsCommand}\`.`,
    };
  }
  const { value } = reading;
  const says = `the server runs ${value.ranks} ranks, ${value.dataRanks} data-parallel`;
  if (value.ranks === ranks && value.dataRanks === dataRanks.length) {
    return {
      ...base,
      outcome: 'passed',
      detail: `${says}; ${formatNouns(value.states, 'scheduler')} answered`,
    };
  }
  return {
    ...base,
    outcome: 'failed',
    detail: `${says}; the layout has ${ranks} and ${dataRanks.length}`,
    impact: 'The API has less capacity than planned, or other weights than planned.',
    advice: `Compare what runs with the spec: \`dsdeploy plan\` and \`${logsCommand}\`.`,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The caller says that the page is another.
    return undefined;
  }
}
