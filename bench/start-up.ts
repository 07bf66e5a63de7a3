/**
 * Measures what a user waits for before anything happens: the built bin, the sandbox, the install.
 *
 *     npm run bench                  # builds first
 *     npm run bench -- --no-build    # measures the dist/ that is there
 *     npm run bench -- --start       # the start of commands alone
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSandboxBinaries, startSandbox, stopSandbox } from '../src/sandbox/index.ts';
import { median, printRows } from './table.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'dist', 'dsdeploy.mjs');
const spec = join(root, 'templates', 'h200-vllm-2-nodes.yaml');
const runs = 10;

/** Milliseconds of one run of Node to its end. */
function timeNode(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const elapsed = performance.now() - start;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return elapsed;
}

/** Times several command lines in turn, so that a busy moment hits all of them alike. */
function timeAll(
  lines: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly number[]> {
  const times = Object.keys(lines).map((name) => [name, [] as number[]] as const);
  for (const args of Object.values(lines)) timeNode(args);
  for (let run = 0; run < runs; run += 1) {
    for (const [name, list] of times) list.push(timeNode(lines[name] ?? []));
  }
  return Object.fromEntries(times);
}

const rent = ['--device-hour-price', '2.1', '--utilization', '0.4'];

function measureStart(): void {
  const times = timeAll({
    bare: ['-e', '0'],
    help: [bin, '--help'],
    render: [bin, 'render', '-f', spec],
    fit: [bin, 'fit', '-f', spec],
    estimate: [bin, 'estimate', '-f', spec],
    cost: [bin, 'estimate', '-f', spec, '--cost', ...rent],
    offline: [bin, 'plan', '--offline', '-f', spec],
  });
  const best = (name: string) => Math.min(...(times[name] ?? []));
  const row = (what: string, name: string, target?: number) => ({
    what,
    value: median(times[name] ?? []),
    unit: 'ms',
    note: `best ${best(name).toFixed(0)} ms`,
    ...(target === undefined ? {} : { target }),
  });
  printRows(`Start of the bundle, median of ${String(runs)}`, [
    row('node -e 0', 'bare'),
    row('dsdeploy --help', 'help', 150),
    row('dsdeploy render', 'render', 400),
    row('dsdeploy fit', 'fit'),
    row('dsdeploy estimate', 'estimate'),
    row('dsdeploy estimate --cost', 'cost'),
    row('dsdeploy plan --offline', 'offline'),
  ]);
  // The best of each: what a busy machine adds is not what is asked for.
  const beyond = (what: string, name: string, target: number) => ({
    what,
    value: best(name) - best('bare'),
    unit: 'ms',
    target,
    note: `median ${(median(times[name] ?? []) - median(times['bare'] ?? [])).toFixed(0)} ms`,
  });
  printRows(`Beyond bare Node, best of ${String(runs)}`, [
    beyond('dsdeploy fit', 'fit', 100),
    beyond('dsdeploy estimate', 'estimate', 150),
    beyond('dsdeploy estimate --cost', 'cost', 150),
  ]);
}

async function measureSandbox(): Promise<void> {
  await ensureSandboxBinaries();
  const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-bench-'));
  const sandbox = join(directory, 'sandbox');
  const seconds: number[] = [];
  try {
    for (let run = 0; run < 3; run += 1) {
      const start = performance.now();
      await startSandbox({ name: `bench-${String(process.pid)}`, directory: sandbox });
      seconds.push((performance.now() - start) / 1000);
      await stopSandbox(sandbox);
    }
  } finally {
    await stopSandbox(sandbox);
    rmSync(directory, { recursive: true, force: true });
  }
  printRows('Sandbox, binaries already built, median of 3', [
    { what: 'sandbox up', value: median(seconds), unit: 's', target: 10 },
  ]);
}

function folderBytes(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Installs what a user of the package gets, and no more. */
function measureInstall(): void {
  const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-bench-'));
  try {
    const manifest: { readonly files: readonly string[] } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    for (const name of ['package.json', 'package-lock.json']) {
      cpSync(join(root, name), join(directory, name));
    }
    execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: directory,
      stdio: 'ignore',
    });
    const dependencies = folderBytes(directory);
    for (const name of manifest.files) {
      cpSync(join(root, name), join(directory, name), { recursive: true });
    }
    const all = folderBytes(directory);
    printRows('Installed size', [
      { what: 'package', value: (all - dependencies) / 1e6, unit: 'MB' },
      { what: 'dependencies', value: dependencies / 1e6, unit: 'MB' },
      { what: 'together', value: all / 1e6, unit: 'MB', target: 60 },
    ]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (!process.argv.includes('--no-build')) {
  execFileSync(process.execPath, ['tools/build.ts'], { cwd: root, stdio: 'inherit' });
}
const model = cpus()[0]?.model ?? 'unknown CPU';
console.log(
  `Node ${process.version}, ${String(availableParallelism())} cores of ${model}, ` +
    `load ${loadavg()[0]?.toFixed(1) ?? '?'}: on a busy machine compare with the row of bare Node`,
);
measureStart();
if (!process.argv.includes('--start')) {
  await measureSandbox();
  measureInstall();
}
