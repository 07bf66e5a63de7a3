import { DsdeployError } from '../src/errors/index.ts';
import { ensureSandboxBinaries } from '../src/sandbox/index.ts';

/** Builds what the tests on the sandbox need before any test runs, so that no test waits for it. */
async function prepareSandbox(): Promise<void> {
  try {
    await ensureSandboxBinaries({
      onProgress: (message) => {
        console.error(`dsdeploy: ${message}`);
      },
    });
  } catch (error) {
    if (!(error instanceof DsdeployError)) throw error;
    console.error(`dsdeploy: ${error.code}: ${error.message}`);
    if (error.hint !== undefined) console.error(`dsdeploy: hint: ${error.hint}`);
    process.exitCode = error.exitCode;
  }
}

await prepareSandbox();
