/** One line of an exposition: a name, its labels and a number. */
export interface MetricSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;

const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Reads the Prometheus text format; `undefined` when no line is a sample, as for a page of a proxy.
 *
 * @source prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4
 */
export function parseMetrics(text: string): readonly MetricSample[] | undefined {
  const samples = text.split('\n').flatMap((line) => parseSample(line.trim()) ?? []);
  return samples.length === 0 ? undefined : samples;
}

function parseSample(line: string): MetricSample | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const match = sampleLine.exec(line);
  if (match === null) return undefined;
  const [, name = '', labels = '', number = ''] = match;
  const value = parseNumber(number);
  if (value === undefined) return undefined;
  const pairs = [...labels.matchAll(labelPair)].map(
    ([, key = '', text = '']) => [key, unescape(text)] as const,
  );
  return { name, labels: new Map(pairs), value };
}

function parseNumber(text: string): number | undefined {
  const special = specialNumbers.get(text);
  if (special !== undefined) return special;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

const specialNumbers: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}
