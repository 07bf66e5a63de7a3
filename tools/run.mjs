// Entry of `npm run demo`, `npm test` and `npm run ok` on a fresh clone. Plain JavaScript without
// dependencies, because the system's Node may be too old to run the sources: it installs the locked
// packages (among them the Node that is pinned for development) and hands over to that Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binDirectory = join(root, 'node_modules', '.bin');
const marker = join(root, 'node_modules', '.dsdeploy-lock-sha256');

const gates = [
  ['format', 'biome', ['check', '.']],
  ['types', 'tsc', ['--noEmit', '-p', '.']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['layers', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'src', 'charts', 'test']],
  ['unused', 'knip', []],
  ['schemas', 'node', ['tools/update-schemas.ts', '--check']],
  ['command docs', 'node', ['tools/update-command-docs.ts', '--check']],
];

const tasks = {
  demo: () => run('node', ['tools/demo.ts', ...process.argv.slice(3)]),
  test: async () => {
    say(
      'running all tests; the sandbox is built once (about nine minutes on two cores), then cached',
    );
    await run('node', ['tools/prepare-sandbox.ts']);
    await run('vitest', ['run', ...process.argv.slice(3)]);
  },
  gates: runGates,
  ok: async () => {
    await runGates();
    await tasks.test();
  },
};

async function runGates() {
  for (const [name, command, args] of gates) {
    const startedMs = Date.now();
    await run(command, args);
    say(`gate ${name} passed in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  }
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

async function install() {
  const wanted = lockHash();
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  say('installing the locked packages with npm ci (about half a minute)');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(marker, wanted);
}

/** Runs with the pinned Node first on the PATH; ends this process when the command fails. */
function run(command, args) {
  return new Promise((resolve) => {
    const path = `${binDirectory}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`;
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PATH: path },
    });
    // The child is in the same terminal group and gets the signal itself; we wait for its clean-up.
    const ignore = () => {};
    process.on('SIGINT', ignore);
    const forward = () => child.kill('SIGTERM');
    process.on('SIGTERM', forward);
    child.on('error', (error) => {
      process.stderr.write(`dsdeploy: cannot run ${command}: ${error.message}\n`);
      process.exit(1);
    });
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', forward);
      if (code === 0) resolve();
      else process.exit(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

function say(text) {
  process.stderr.write(`dsdeploy: ${text}\n`);
}

const task = tasks[process.argv[2] ?? ''];
if (task === undefined) {
  process.stderr.write(`usage: node tools/run.mjs ${Object.keys(tasks).join('|')}\n`);
  process.exit(64);
}
await install();
await task();
