import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';

import { DsdeployError, type ExitCode } from '../errors/index.ts';
import type { Context } from './context.ts';

export type OptionRecord = Readonly<Record<string, Options>>;

export interface CommandDefinition<O extends OptionRecord> {
  /** Name, then positionals as yargs writes them: `apply [plan-file]`. */
  readonly command: string;
  /** One line. */
  readonly describe: string;
  readonly options: O;
  /**
   * Options that are words of the command line instead, named in `command`.
   *
   * @default - none
   */
  readonly positionals?: readonly (keyof O & string)[];
  /** Command line and what it is for. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  /** Printed under the options, a line each that is wrapped: steps in order, exit codes. */
  readonly epilogue?: string;
  /** Imports its action lazily, so that `--help` stays fast. */
  readonly run: (args: InferredOptionTypes<O>, context: Context) => Promise<ExitCode>;
}

/** A command whose line was parsed; it starts once the parser is done. */
export type StartCommand = () => Promise<ExitCode>;

/** What a command tells while its line is parsed. */
export interface ParseListener {
  readonly choose: (start: StartCommand) => void;
  /** Told why a value cannot be taken; of that yargs passes on the message alone. */
  readonly refuse: (error: DsdeployError) => void;
}

/** A command bound to what it may touch. */
export interface Command {
  readonly name: string;
  readonly optionNames: readonly string[];
  /** Words it cannot do without, as the help writes them: `<plan-file>`. */
  readonly requiredWords: readonly string[];
  /** Command lines of the help; a test parses every one. */
  readonly examples: readonly string[];
  /** A yargs module that only tells the listener what to start. */
  readonly module: (context: Context, listener: ParseListener) => CommandModule;
}

/** Makes a command of its definition. */
export function defineCommand<O extends OptionRecord>(definition: CommandDefinition<O>): Command {
  const { command, describe, options, examples, epilogue, run } = definition;
  const positionals: readonly string[] = definition.positionals ?? [];
  const entries = Object.entries(options);
  const words = entries.filter(([key]) => positionals.includes(key));
  const flags = entries.filter(([key]) => !positionals.includes(key));
  const [name = command] = command.split(' ');
  return {
    name,
    optionNames: flags.map(([key]) => key),
    requiredWords: command.match(/<[^>]+>/g) ?? [],
    examples: examples.map(([commandLine]) => commandLine),
    module: (context, { choose, refuse }) => ({
      command,
      describe,
      builder: (yargs: Argv) => {
        const parser = yargs.options(
          Object.fromEntries(flags.map(([key, option]) => [key, withCoercion(option, refuse)])),
        );
        // Without a type yargs would make a number of a word that looks like one.
        for (const [key, { describe: text }] of words)
          parser.positional(key, { type: 'string', describe: text });
        for (const [commandLine, purpose] of examples) parser.example(commandLine, purpose);
        return epilogue === undefined ? parser : parser.epilogue(epilogue);
      },
      // While a handler runs, yargs would write the help of the command, in case that it fails.
      handler: (args) => {
        // yargs checked and typed the values by the same record of options.
        choose(() => run(args as unknown as InferredOptionTypes<O>, context));
      },
    }),
  };
}

/** An option that is given twice counts as given last, unless it is a list. */
function withCoercion(option: Options, refuse: ParseListener['refuse']): Options {
  if (option.type === 'boolean') return option;
  const coerce: ((value: unknown) => unknown) | undefined = option.coerce;
  return {
    ...option,
    coerce: (value: unknown) => {
      const wanted: unknown = Array.isArray(value) && option.array !== true ? value.at(-1) : value;
      if (coerce === undefined) return wanted;
      try {
        return coerce(wanted);
      } catch (error) {
        if (error instanceof DsdeployError) refuse(error);
        throw error;
      }
    },
  };
}
