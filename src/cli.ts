#!/usr/bin/env node
// Only what every Node since 18 can parse may stand here: an older one must reach its message.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `dsdeploy needs Node 22.19 or newer, and this is ${process.versions.node}: install a newer one from nodejs.org`,
  );
  process.exit(1);
}

// Importing a module of Node's starts all that it exports; this way nothing but itself.
process.getBuiltinModule('node:module').enableCompileCache();

const { createProcessContext, main } = await import('./commands/index.ts');

const controller = new AbortController();

function interrupt(): void {
  if (controller.signal.aborted) {
    console.error('Ended at once: a request in flight may still be carried out; run it again');
    process.exit(130);
  }
  controller.abort();
}

function onSignal(): void {
  interrupt();
  // Most work ends before this is said.
  setTimeout(() => {
    console.error('Finishing the request in flight; Ctrl-C again ends at once');
  }, 500).unref();
}

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

const context = createProcessContext({ signal: controller.signal, interrupt });
const code = await main(process.argv.slice(2), context);

// A connection that some library keeps open must not keep a finished command waiting.
process.stdout.write('', () => process.exit(code));
