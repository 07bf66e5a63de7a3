import { type BenchmarkRun, parseBenchmark } from '../../capacity/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import { readNamedFile } from '../read-file.ts';
import type { Files } from '../read-spec.ts';

/**
 * Reads the results of a serving benchmark: JSON of one run or of several, or one run a line.
 *
 * @throws DsdeployError `BENCHMARK_INVALID`.
 */
export async function readBenchmark(
  path: string,
  files: Pick<Files, 'readText'>,
): Promise<readonly BenchmarkRun[]> {
  const runs = parseRuns(await readNamedFile(path, 'the benchmark', files));
  if (runs === undefined) throw invalid(path, `"${path}" is not JSON`);
  const result = parseBenchmark(runs);
  if (result.kind === 'parsed') return result.runs;
  const { reason, missing } = result;
  const states = {
    'not-a-benchmark': `"${path}" lacks ${missing.join(', ')}`,
    'no-completed-requests': `no request of "${path}" was completed`,
    'no-concurrency': `"${path}" does not say how many requests were in flight`,
  } as const;
  throw invalid(path, states[reason]);
}

function invalid(path: string, state: string): DsdeployError {
  return new DsdeployError('BENCHMARK_INVALID', `Cannot calibrate from a benchmark: ${state}`, {
    subject: path,
    hint: 'Use `vllm bench serve --max-concurrency N --save-result`, or SGLang `bench_serving --max-concurrency N --output-file`.',
  });
}

/** JSON, else JSON lines; `undefined` when it is neither, or holds nothing. */
function parseRuns(text: string): unknown {
  const json = withoutPythonNumbers(text);
  try {
    return JSON.parse(json) as unknown;
  } catch {
    // SGLang appends one line for each run, which is no JSON as a whole.
    return parseLines(json);
  }
}

/** Python writes `Infinity` for a request rate without limit and `NaN` for an empty mean. */
function withoutPythonNumbers(text: string): string {
  return text.replaceAll(/([:[,]\s*)(?:-?Infinity|NaN)(?=\s*[,\]}])/g, '$1null');
}

function parseLines(text: string): unknown {
  try {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length === 0) return undefined;
    return lines.map((line) => JSON.parse(line) as unknown);
  } catch {
    return undefined;
  }
}
