import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/**
 * Copies a program's output to a log file in the format container runtimes write, which is the
 * one that `kubectl logs` with `--timestamps` or `--since` understands.
 */
export function writeContainerLog(
  file: string,
  streams: Readonly<Record<'stdout' | 'stderr', Readable>>,
): void {
  mkdirSync(dirname(file), { recursive: true });
  const log = createWriteStream(file, { flags: 'a' });
  // The sandbox may be removed under us; output of a program about to end is of no use then.
  log.on('error', () => undefined);
  for (const [name, stream] of Object.entries(streams)) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(formatLogLine(new Date(), name, line));
    });
  }
}

/** Formats one line as `<time> <stream> F <text>`, `F` for a full line. */
export function formatLogLine(time: Date, stream: string, line: string): string {
  // Kubernetes wants nanoseconds; we know milliseconds.
  return `${time.toISOString().replace('Z', '000000Z')} ${stream} F ${line}\n`;
}
