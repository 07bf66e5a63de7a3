/** One line of a container's log. */
export interface LogLine {
  /** When the kubelet received it; absent in a log that was read without times. */
  readonly atMs?: number;
  /** Without time prefix, colours and what a progress bar overwrote. */
  readonly text: string;
}

const kubeletTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?/;

const terminalCodes = /\u001B\[[0-9;?]*[A-Za-z]/g;

/** Reads a log with or without the times of the kubelet (`kubectl logs --timestamps`). */
export function parseLogLines(log: string): readonly LogLine[] {
  return log.split('\n').flatMap(parseLine);
}

function parseLine(raw: string): readonly LogLine[] {
  const prefix = kubeletTime.exec(raw);
  const atMs = Date.parse(prefix?.[1] ?? '');
  const body = raw.slice(prefix?.[0].length ?? 0).replaceAll(terminalCodes, '');
  // A progress bar draws itself again after each carriage return; the last state is what counts.
  const text = body.split('\r').findLast((part) => part.trim() !== '') ?? '';
  if (text.trim() === '') return [];
  return [Number.isNaN(atMs) ? { text: text.trimEnd() } : { atMs, text: text.trimEnd() }];
}

/** Global or data-parallel rank and tensor rank, where the engine writes them before a line. */
export interface LineRank {
  readonly dataRank?: number;
  readonly tensorRank?: number;
  /** As PyTorch numbers them: `[rank12]:`. */
  readonly rank?: number;
}

/**
 * Reads who wrote a line.
 *
 * @source `(EngineCore_DP3 pid=1)`, `(Worker_DP0_TP1_EP1 pid=1)` of vLLM, `[2026-01-01 00:00:00 DP0
 * TP3 EP3]` of SGLang, `[rank3]:` of PyTorch
 */
export function parseLineRank(text: string): LineRank {
  const head = text.slice(0, 80);
  const dataRank = numberAfter(/\bDP(\d+)|_DP(\d+)/, head);
  const tensorRank = numberAfter(/\bTP(\d+)|_TP(\d+)/, head);
  const rank = numberAfter(/\[rank(\d+)\]|\[Rank (\d+)\]/, head);
  return {
    ...(dataRank === undefined ? {} : { dataRank }),
    ...(tensorRank === undefined ? {} : { tensorRank }),
    ...(rank === undefined ? {} : { rank }),
  };
}

function numberAfter(pattern: RegExp, text: string): number | undefined {
  const match = pattern.exec(text);
  const digits = match?.[1] ?? match?.[2];
  return digits === undefined ? undefined : Number(digits);
}
