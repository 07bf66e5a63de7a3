import { DsdeployError } from '../errors/index.ts';
import { nearestName } from '../spec/nearest.ts';
import type { Command } from './define-command.ts';

export interface UsageContext {
  readonly argv: readonly string[];
  readonly commands: readonly Command[];
}

interface Mistake {
  readonly state: string;
  /** Goes before the pointer to the help. */
  readonly suggestion?: string | undefined;
}

/** After a word for its own completion command, yargs says that there is no such command. */
const surplusOfCompletion: Mistake = {
  state: '"completion" takes no word',
  suggestion: 'It prints the script for the shell that $SHELL names, bash or zsh.',
};

/**
 * Turns what yargs says about a command line into our error. Its wording is pinned by its version
 * and by its fixed locale; a sentence that is not known here is passed on as it is.
 */
export function toUsageError(message: string, { argv, commands }: UsageContext): DsdeployError {
  const command = commands.find(({ name }) => name === argv[0]);
  const { state, suggestion } = explain(message, argv, command);
  const help = `dsdeploy ${command === undefined ? '' : `${command.name} `}--help`;
  const pointer = `Run \`${help}\`.`;
  return new DsdeployError('USAGE', `Cannot run this command line: ${state}`, {
    hint: suggestion === undefined ? pointer : `${suggestion} ${pointer}`,
  });
}

function explain(message: string, argv: readonly string[], command: Command | undefined): Mistake {
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/m.exec(message)?.[1];
  if (unknown !== undefined) return explainUnknown(unknown.split(', '), argv, command);
  const meant = /^Did you mean (.*)\?$/m.exec(message)?.[1];
  if (meant !== undefined) {
    if (argv[0] === 'completion') return surplusOfCompletion;
    const word = argv.find((argument) => !argument.startsWith('-')) ?? '';
    return { state: `unknown command "${word}"`, suggestion: `Did you mean "${meant}"?` };
  }
  const valueless = /^Not enough arguments following: (.*)$/m.exec(message)?.[1];
  if (valueless !== undefined) return { state: `${asOption(valueless)} needs a value` };
  if (message.startsWith('Not enough non-option arguments'))
    return { state: `${command?.requiredWords.join(' ') ?? 'a word'} is missing` };
  const choice = /Argument: (\S+), Given: (.*), Choices: (.*)$/m.exec(message);
  if (choice !== null) {
    const [, name = '', given = '', choices = ''] = choice;
    return { state: `${asOption(name)} is ${given}, and may be one of ${choices}` };
  }
  return { state: message.charAt(0).toLowerCase() + message.slice(1).replaceAll(/\s+/g, ' ') };
}

function explainUnknown(
  names: readonly string[],
  argv: readonly string[],
  command: Command | undefined,
): Mistake {
  const [name = ''] = names;
  if (argv.includes(name)) return { state: `unexpected word "${name}"` };
  const nearest = nearestName(name, command?.optionNames ?? []);
  return {
    state: `unknown option ${asOption(name)}`,
    suggestion: nearest === undefined ? undefined : `Did you mean --${nearest}?`,
  };
}

function asOption(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}
