import { parseStartupLog, type StartupLog } from '../../capacity/index.ts';
import type { EngineId } from '../../catalog/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import { listNamedFiles, readNamedFile } from '../read-file.ts';
import type { Files } from '../read-spec.ts';

export interface ReadLogs {
  readonly log: StartupLog;
  readonly files: readonly string[];
}

/**
 * Reads the start-up logs of one group, one file for each pod, and keeps the rank with least room.
 *
 * @throws DsdeployError `LOG_INVALID` at the first file that is no start-up log of the engine.
 */
export async function readLogs(
  directory: string,
  engine: EngineId,
  files: Pick<Files, 'readText' | 'listFiles'>,
): Promise<ReadLogs> {
  const paths = await listNamedFiles(directory, 'the logs', files);
  const texts: string[] = [];
  for (const path of paths) {
    const text = await readNamedFile(path, 'a log', files);
    const parsed = parseStartupLog(text, engine);
    if (parsed.kind === 'refused' && parsed.reason === 'not-a-startup-log') {
      throw logError(path, `"${path}" is not a start-up log of ${engine}`);
    }
    texts.push(text);
  }
  const whole = parseStartupLog(texts.join('\n'), engine);
  if (whole.kind === 'parsed') return { log: whole.log, files: paths };
  const state = `"${directory}" has no line of ${whole.missing.map(toWords).join(' and ')}`;
  throw logError(directory, state);
}

/**
 * A log of another start teaches nothing about this group.
 *
 * @throws DsdeployError `LOG_INVALID` when the log states another context.
 */
export function checkContext(
  { contextTokens }: StartupLog,
  group: { readonly name: string; readonly contextTokens: number },
  directory: string,
): void {
  if (contextTokens === undefined || contextTokens === group.contextTokens) return;
  throw new DsdeployError(
    'LOG_INVALID',
    `Cannot calibrate from logs: "${directory}" is of a start with a context of ${contextTokens} tokens, and group "${group.name}" has ${group.contextTokens}`,
    { subject: directory, hint: 'Use the spec that was started.' },
  );
}

const words: Readonly<Record<string, string>> = {
  weightsBytes: 'the memory of the weights',
  kvTokens: 'the size of the cache',
};

function toWords(quantity: string): string {
  return words[quantity] ?? quantity;
}

function logError(subject: string, state: string): DsdeployError {
  return new DsdeployError('LOG_INVALID', `Cannot calibrate from logs: ${state}`, {
    subject,
    hint: 'Save each log from the start of the container: `kubectl logs POD > logs/POD.log`, in a folder with nothing else.',
  });
}
