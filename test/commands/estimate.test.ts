import { describe, expect, test } from 'vitest';
import type { EstimateResult } from '../../src/actions/estimate/index.ts';
import { FakeFiles, run, templateText } from './fake-context.ts';
import { cut, specText } from './spec-texts.ts';

async function estimate(options: string, texts: Readonly<Record<string, string>> = {}) {
  const files = new FakeFiles({ 'dsdeploy.yaml': templateText, ...texts });
  const result = await run(`estimate ${options}`, { files });
  return { ...result, lines: result.stderr };
}

async function document(options: string, texts: Readonly<Record<string, string>> = {}) {
  const { code, stdout } = await estimate(`-o json ${options}`, texts);
  const parsed: EstimateResult = JSON.parse(stdout);
  return { code, parsed };
}

function rowsOf({ groups: [group] }: EstimateResult) {
  if (group?.kind !== 'estimated') throw new Error('the group is refused');
  return group.rows;
}

const tp8 = specText({
  model: 'deepseek-ai/DeepSeek-R1',
  group: { engine: 'sglang', release: '0.5.23', parallelism: cut(8), context: 32_768 },
});

const one = JSON.parse(tp8) as {
  readonly pools: { readonly lab: object };
  readonly groups: readonly object[];
};

/** The same group twice, each on a pool of its own. */
const twoGroups = {
  ...one,
  pools: { lab: one.pools.lab, other: { ...one.pools.lab, nodeSelector: { pool: 'other' } } },
  groups: one.groups.flatMap((group) => [
    { ...group, name: 'first' },
    { ...group, name: 'second', pool: 'other' },
  ]),
};

const ownPrices = [
  '--node-price 300000 --months 48 --residual 0.2 --fabric-share 0.15',
  '--node-kw 10.2 --pue 1.25 --kwh-price 0.1 --utilization 0.9',
].join(' ');

describe('estimate', () => {
  test('gives a row for each number of requests, each number with its range, label and source', async () => {
    const { code, parsed } = await document('--input 1024 --output 512 --concurrency 4,16,64');
    expect(code).toBe(0);
    const rows = rowsOf(parsed);
    expect(rows.map(({ concurrency }) => concurrency)).toEqual([4, 16, 64]);
    for (const { ttftMs, tpotMs, outputTokensPerSecond } of rows) {
      for (const { low, p50, high, label, source } of [ttftMs, tpotMs, outputTokensPerSecond]) {
        expect(low).toBeLessThanOrEqual(p50);
        expect(p50).toBeLessThanOrEqual(high);
        expect(['measured', 'interpolated', 'extrapolated']).toContain(label);
        expect(source).not.toBe('');
      }
    }
  });

  test('names a published run once, however many loads it is near', async () => {
    const { stdout } = await estimate('--concurrency 4,5,6', { 'dsdeploy.yaml': tp8 });
    expect(stdout.match(/measured h200-sglang-tp8-1k-1k-c4: TTFT/g)).toHaveLength(1);
  });

  test('says measured where this very case was measured', async () => {
    const { parsed } = await document('--concurrency 4', { 'dsdeploy.yaml': tp8 });
    const [row] = rowsOf(parsed);
    expect(row?.tpotMs).toMatchObject({ label: 'measured', p50: 10.29 });
    expect(row?.nearestMeasured?.differs).toEqual([]);
  });

  test.each([
    { engine: 'sglang', release: '0.5.23', mtpTokens: 3, inFlight: 48 },
    { engine: 'sglang', release: '0.5.23', mtpTokens: 0, inFlight: 200 },
    { engine: 'vllm', release: '0.33.0', mtpTokens: 3, inFlight: 200 },
    { engine: 'vllm', release: '0.33.0', maxSequences: 32, inFlight: 32 },
  ])(
    '$engine with $mtpTokens drafts runs $inFlight of 200 requests',
    async ({ inFlight, ...group }) => {
      const text = specText({
        group: { ...group, parallelism: cut(8), context: 8192, kvCache: 'fp8' },
      });
      const texts = { 'dsdeploy.yaml': text };
      const [row] = rowsOf((await document('--concurrency 200', texts)).parsed);
      expect(row?.inFlight).toBe(inFlight);
      expect(row?.inFlightLimit).toBe(inFlight < 200 ? 'engine' : undefined);
      const { stdout } = await estimate('--concurrency 200', texts);
      expect(stdout.includes('the engine takes no more (maxSequences)')).toBe(inFlight < 200);
    },
  );

  test('names each measurement once, by what sets it apart from the nearest row', async () => {
    const { stdout } = await estimate('--concurrency 1,4,16');
    const measured = stdout.match(/(?<=measured )\S+(?=:)/g) ?? [];
    expect(measured.length).toBeGreaterThan(0);
    expect(measured).toEqual([...new Set(measured)]);
  });

  test('takes --output json for the format, as everywhere', async () => {
    const { stdout } = await estimate('--output json --concurrency 4');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'Estimate',
      workload: { outputTokens: 1024 },
    });
  });

  test('gives no latency for what does not fit, and the way out', async () => {
    const text = templateText.replace('data: 16', 'data: 32');
    const { code, parsed } = await document('', { 'dsdeploy.yaml': text });
    expect(code).toBe(4);
    expect(parsed.groups[0]).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(parsed)).not.toContain('tpotMs');
  });

  test('names the site profile it used', async () => {
    const profile = {
      apiVersion: 'dsdeploy/v1',
      kind: 'SiteProfile',
      name: 'lab',
      memory: [],
      time: [],
    };
    const texts = { 'lab.json': JSON.stringify(profile) };
    expect((await document('--profile lab.json', texts)).parsed.profile).toBe('lab');
  });
});

describe('estimate --cost', () => {
  test('says when the hosted API is cheaper however busy the devices are', async () => {
    const { stdout } = await estimate(`--cost ${ownPrices} --concurrency 1`);
    expect(stdout).toContain('The hosted API is cheaper however busy the devices are');
  });

  test('lets options replace the prices of a file', async () => {
    const texts = { 'prices.yaml': 'devicePerHour: 2\nutilization: 0.5\n' };
    const { parsed } = await document(
      '--cost --prices prices.yaml --utilization 1 --concurrency 64',
      texts,
    );
    const [group] = parsed.groups;
    expect(group?.kind === 'estimated' && group.price).toMatchObject({
      perNodeHour: 16,
      perCopyHour: 32,
      utilization: 1,
    });
  });

  test('falls as use rises, and own devices break even where both cost the same', async () => {
    const prices = '--device-hour-price 2 --concurrency 256';
    const half = rowsOf((await document(`--cost ${prices} --utilization 0.5`)).parsed)[0]?.cost;
    const full = rowsOf((await document(`--cost ${prices} --utilization 1`)).parsed)[0]?.cost;
    expect(half?.perMillionOutput.p50).toBeCloseTo(2 * (full?.perMillionOutput.p50 ?? 0), 9);
    const ratio = (full?.perMillionOutput.p50 ?? 0) / (full?.hostedPerMillionOutput ?? 1);
    expect(full?.breakEven.utilization).toBeCloseTo(ratio, 9);
  });
});

describe('estimate --search', () => {
  test('shows a front that rises in rate as it falls in speed, and draws it', async () => {
    const { files, stdout } = await estimate('--search --nodes 2 --plot front.svg -o json');
    const parsed: EstimateResult = JSON.parse(stdout);
    const front = parsed.groups[0]?.search?.front ?? [];
    const rates = front.map(
      ({ outputTokensPerSecondPerDevice }) => outputTokensPerSecondPerDevice.p50,
    );
    expect(front.length).toBeGreaterThan(3);
    expect(rates).toEqual(rates.toSorted((a, b) => a - b));
    const svg = await files.readText('front.svg');
    expect(svg).toMatch(/^<svg/);
    expect(svg).not.toContain('<script');
  });

  test('puts published runs beside the front, in text, JSON, SVG and HTML', async () => {
    const { files, stdout, stderr } = await estimate('--search --nodes 1 --plot front.html');
    expect(stderr).toContain('Drew the front into front.html');
    expect(stdout).toContain('x published run');
    expect(stdout).toContain('published sglang 0.5.9, DeepSeek-R1, TP8, 4 to 64 requests');
    const page = await files.readText('front.html');
    expect(page).toContain('published: sglang 0.5.9, DeepSeek-R1, TP8');
    expect(page).toContain('<caption>Published runs</caption>');
    const { parsed } = await document('--search --nodes 1');
    const measured = parsed.groups[0]?.search?.measured ?? [];
    expect(measured.map(({ id }) => id)).toContain('h200-sglang-tp8-1k-1k-c16');
  });

  test('draws every group, each under its own title', async () => {
    const text = JSON.stringify(twoGroups);
    const texts = { 'dsdeploy.yaml': text };
    const svg = await (await estimate('--search --plot a.svg', texts)).files.readText('a.svg');
    const page = await (await estimate('--search --plot a.html', texts)).files.readText('a.html');
    for (const title of ['first: deepseek-ai/DeepSeek-R1', 'second: deepseek-ai/DeepSeek-R1']) {
      expect(svg).toContain(title);
      expect(page).toContain(`<h1>${title}`);
    }
  });

  test('says what one node more, the other cache and no drafts would give', async () => {
    const { parsed } = await document('--search --nodes 4');
    const search = parsed.groups[0]?.search;
    expect(search?.changes.map(({ change }) => change)).toEqual([
      '5 nodes',
      expect.stringMatching(/^kvCache: (bf16|fp8)$/),
      expect.stringMatching(/^mtpTokens: [01]$/),
    ]);
    for (const { change, best } of search?.changes ?? []) {
      if (change.startsWith('kvCache')) expect(best.kvCache).not.toBe(search?.chosen?.kvCache);
      if (change === 'mtpTokens: 0') expect(best.mtpTokens).toBe(0);
    }
  });

  test('gives the same answer twice', async () => {
    const once = await estimate('--search --nodes 4 -o json');
    expect((await estimate('--search --nodes 4 -o json')).stdout).toBe(once.stdout);
  });
});

describe('estimate refuses', () => {
  test.each([
    { why: 'no requests', line: '--concurrency 0', code: 'WORKLOAD_INVALID' },
    { why: 'half a request', line: '--concurrency 1.5', code: 'WORKLOAD_INVALID' },
    { why: 'a negative prompt', line: '--input -5', code: 'WORKLOAD_INVALID' },
    { why: 'a prompt beyond the context', line: '--input 200000', code: 'WORKLOAD_INVALID' },
    { why: 'a share above 1', line: '--prefix-hit 2', code: 'WORKLOAD_INVALID' },
    { why: 'words for numbers', line: '--concurrency many', code: 'USAGE' },
    { why: 'a cost without prices', line: '--cost', code: 'PRICES_MISSING' },
    {
      why: 'a negative price',
      line: '--cost --device-hour-price -2 --utilization 0.5',
      code: 'PRICES_INVALID',
    },
    {
      why: 'a price file of something else',
      line: '--cost --prices dsdeploy.yaml',
      code: 'PRICES_INVALID',
    },
    { why: 'prices nobody asked for', line: '--prices dsdeploy.yaml', code: 'USAGE' },
    { why: 'a plot without a search', line: '--plot a.svg', code: 'USAGE' },
    { why: 'a plot in an unknown format', line: '--search --plot a.png', code: 'USAGE' },
    { why: 'half a node', line: '--search --nodes 0.5', code: 'USAGE' },
    { why: 'a profile that is not there', line: '--profile none.json', code: 'FILE_UNREADABLE' },
    {
      why: 'a profile of something else',
      line: '--profile dsdeploy.yaml',
      code: 'PROFILE_INVALID',
    },
  ])('$why: $code', async ({ line, code }) => {
    const result = await estimate(line);
    expect(result.stdout).toBe('');
    expect(result.stderr).toContain(`error ${code}: `);
  });

  test.each(['4,,16', '4,16,', ','])('the list "%s" by its whole text', async (list) => {
    const files = new FakeFiles({ 'dsdeploy.yaml': templateText });
    const { stderr } = await run(`estimate --concurrency ${list}`, { files });
    expect(stderr).toContain(`Cannot read --concurrency: "${list}" is not a list of numbers`);
  });

  test.each([
    { line: '--input 1e12', wrong: ['--input  is 1000000000000'] },
    {
      line: '--concurrency 0,1.5,2000000',
      wrong: ['--concurrency  is 0,', '--concurrency  is 1.5,', '--concurrency  is 2000000,'],
    },
    { line: '--input -5 --output 0', wrong: ['--input  is -5,', '--output  is 0,'] },
  ])('$line with one line for each wrong value', async ({ line, wrong }) => {
    const { stderr } = await estimate(line);
    const lines = stderr.split('\n').filter((text) => text.startsWith('  --'));
    expect(lines.map((text, index) => text.includes(wrong[index] ?? 'nothing'))).toEqual(
      wrong.map(() => true),
    );
  });

  test('every missing price is named with its option', async () => {
    const { stderr } = await estimate('--cost --node-price 300000 --months 48');
    for (const option of [
      'residual',
      'fabric-share',
      'node-kw',
      'pue',
      'kwh-price',
      'utilization',
    ]) {
      expect(stderr).toContain(`--${option} `);
    }
    expect(stderr).not.toContain('--node-price ');
  });
});
