import { DsdeployError } from '../src/errors/index.ts';
import { ensureSandboxBinaries } from '../src/sandbox/index.ts';
import { ensureManifestScanners } from './manifest-scanners/build.ts';

/** Builds the programs that tests run before any test does, so that no test waits for them. */
async function prepareSandbox(): Promise<void> {
  const onProgress = (message: string): void => {
    console.error(`dsdeploy: ${message}`);
  };
  try {
    await ensureSandboxBinaries({ onProgress });
    await ensureManifestScanners(onProgress);
  } catch (error) {
    if (!(error instanceof DsdeployError)) throw error;
    console.error(`dsdeploy: ${error.code}: ${error.message}`);
    if (error.hint !== undefined) console.error(`dsdeploy: hint: ${error.hint}`);
    process.exitCode = error.exitCode;
  }
}

await prepareSandbox();
