import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';

import type { ExitCode } from '../errors/index.ts';
import type { Context } from './context.ts';

export type OptionRecord = Readonly<Record<string, Options>>;

export interface CommandDefinition<O extends OptionRecord> {
  readonly command: string;
  /** One line. */
  readonly describe: string;
  readonly options: O;
  /** Command line and what it is for. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  /** Printed under the options: steps in order, exit codes. */
  readonly epilogue?: string;
  /** Imports its action lazily, so that `--help` stays fast. */
  readonly run: (args: InferredOptionTypes<O>, context: Context) => Promise<ExitCode>;
}

/** A command bound to what it may touch. */
export interface Command {
  readonly name: string;
  readonly optionNames: readonly string[];
  /** Command lines of the help; a test parses every one. */
  readonly examples: readonly string[];
  readonly module: (context: Context) => CommandModule;
}

/** Makes a yargs module whose handler only runs the action and keeps its exit code. */
export function defineCommand<O extends OptionRecord>(definition: CommandDefinition<O>): Command {
  const { command, describe, options, examples, epilogue, run } = definition;
  return {
    name: command,
    optionNames: Object.keys(options),
    examples: examples.map(([commandLine]) => commandLine),
    module: (context) => ({
      command,
      describe,
      builder: (yargs: Argv) => {
        const parser = yargs.options(options);
        for (const [commandLine, purpose] of examples) parser.example(commandLine, purpose);
        return epilogue === undefined ? parser : parser.epilogue(epilogue);
      },
      handler: async (args) => {
        // yargs checked and typed the values by the same record of options.
        context.setExitCode(await run(args as unknown as InferredOptionTypes<O>, context));
      },
    }),
  };
}
