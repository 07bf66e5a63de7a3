import yargs, { type Argv } from 'yargs';

import { type DsdeployError, type ExitCode, exitCode } from '../errors/index.ts';
import { commands } from './commands.ts';
import type { Context } from './context.ts';
import type { ParseListener, StartCommand } from './define-command.ts';
import { toUsageError } from './usage-error.ts';

const usage = `Usage: $0 <command> [options]

Plans, applies and health-checks multi-node DeepSeek serving on your own Kubernetes.`;

/**
 * Parses a command line and runs its command; help, version and completions go to stdout.
 *
 * A mistake in the command line is a `USAGE` error before any handler runs: with a `fail` that
 * returned, yargs would print the mistake and then run the command all the same.
 */
export async function runCommandLine(argv: readonly string[], context: Context): Promise<ExitCode> {
  let printed = '';
  const chosen: StartCommand[] = [];
  const refusals: DsdeployError[] = [];
  const parser = createParser(context, {
    choose: (start) => chosen.push(start),
    refuse: (error) => refusals.push(error),
  }).fail((message, error) => {
    throw refusals[0] ?? toMistake(message, error, argv);
  });
  await parser.parseAsync(argv, {}, (_error, _args, output) => {
    printed += output;
  });
  if (printed !== '') context.stdout.write(`${printed}\n`);
  const [start] = chosen;
  return start === undefined ? exitCode.done : start();
}

function createParser(context: Context, listener: ParseListener): Argv {
  const parser = yargs([])
    .scriptName('dsdeploy')
    .usage(usage)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
    })
    .detectLocale(false)
    .exitProcess(false)
    .wrap(Math.min(100, context.stdout.columns ?? 80))
    .version(context.version)
    .alias({ help: 'h', version: 'V' })
    .strict()
    .demandCommand(1, 'Name a command')
    .recommendCommands();
  for (const command of commands) parser.command(command.module(context, listener));
  return parser.completion('completion', 'Print a completion script for bash or zsh');
}

// yargs gives a message for its own checks, and an error for what a handler or a coercion threw.
function toMistake(
  message: string | null | undefined,
  error: unknown,
  argv: readonly string[],
): Error {
  if (error instanceof Error && error.name !== 'YError') return error;
  return toUsageError(message ?? String(error), { argv, commands });
}
