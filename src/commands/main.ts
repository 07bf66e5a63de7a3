import { DsdeployError, type ExitCode, exitCode } from '../errors/index.ts';
import type { Context } from './context.ts';
import { runCommandLine } from './parse.ts';

/** Runs a command line and turns whatever it throws into text and an exit code. */
export async function main(argv: readonly string[], context: Context): Promise<ExitCode> {
  try {
    return await runCommandLine(argv, context);
  } catch (error) {
    return reportError(toReported(error, context.signal), argv, context);
  }
}

// After Ctrl-C whatever was in flight fails in its own way; the reason is the interruption.
function toReported(error: unknown, signal: AbortSignal): unknown {
  const isKnown = error instanceof DsdeployError;
  if (!signal.aborted || isKnown) return error;
  return new DsdeployError('INTERRUPTED', 'Stopped: interrupted', { cause: error });
}

type ErrorPorts = Pick<Context, 'stderr' | 'environment' | 'version'>;

async function reportError(
  error: unknown,
  argv: readonly string[],
  { stderr, environment, version }: ErrorPorts,
): Promise<ExitCode> {
  const { renderError, toErrorDocument } = await import('../ui/text/error.ts');
  const { styleFor } = await import('../ui/style.ts');
  // The arguments may be what is wrong, so they are looked at without the parser.
  const noColor = argv.includes('--no-color');
  const style = styleFor(stderr, { noColor, environment });
  stderr.write(
    wantsJson(argv)
      ? `${JSON.stringify(toErrorDocument(error))}\n`
      : renderError(error, { version }, style),
  );
  return error instanceof DsdeployError ? error.exitCode : exitCode.error;
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some((argument, index) => {
    if (/^(-o=?|--output=)json$/.test(argument)) return true;
    return argument === 'json' && /^(-o|--output)$/.test(argv[index - 1] ?? '');
  });
}
