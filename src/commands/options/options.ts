import { DsdeployError } from '../../errors/index.ts';
import { parseSeconds } from '../../units/index.ts';

/** Options of every command: how the result looks. */
export const resultOptions = {
  output: {
    alias: 'o',
    choices: ['text', 'json'] as const,
    default: 'text' as 'text' | 'json',
    requiresArg: true,
    describe: 'Format of the result on stdout',
  },
  'no-color': { type: 'boolean', describe: 'Plain text, also with NO_COLOR=1' },
} as const;

/** Options of every command that reads a spec. */
export const specOptions = {
  file: {
    alias: 'f',
    type: 'string',
    default: 'dsdeploy.yaml',
    requiresArg: true,
    coerce: nonEmpty('file'),
    describe: 'Spec to read; - is stdin',
  },
  namespace: {
    alias: 'n',
    type: 'string',
    requiresArg: true,
    coerce: namespaceName,
    describe: "Namespace instead of the spec's",
  },
} as const;

/** Option of every command that computes with what was measured on the site. */
export const profileOption = {
  profile: {
    type: 'string',
    requiresArg: true,
    coerce: nonEmpty('profile'),
    describe: 'Site profile that `dsdeploy calibrate` wrote',
  },
} as const;

/** Options of every command that talks to a cluster. */
export const clusterOptions = {
  context: {
    type: 'string',
    requiresArg: true,
    coerce: nonEmpty('context'),
    describe: 'Kubeconfig context  [default: the current one]',
  },
  kubeconfig: {
    type: 'string',
    requiresArg: true,
    coerce: nonEmpty('kubeconfig'),
    describe: 'Kubeconfig file  [default: $KUBECONFIG or ~/.kube/config]',
  },
} as const;

export const canaryOption = {
  canary: {
    choices: ['none', 'quick', 'full'] as const,
    default: 'quick' as 'none' | 'quick' | 'full',
    requiresArg: true,
    describe: 'Ask each serving pod nothing, what proves that it serves, or that it is right',
  },
  'canary-context': {
    type: 'number',
    requiresArg: true,
    coerce: positiveTokens,
    describe: 'Tokens of the longest question of a full canary  [default: 8192]',
  },
} as const;

export const takeOption = {
  take: {
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
    describe: 'Take this field from another manager, as a conflict names it; repeatable',
  },
} as const;

export const adoptOption = {
  adopt: {
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
    coerce: objectNames,
    describe: 'Make this object of kubectl or Helm ours, KIND/NAME or all; repeatable',
  },
} as const;

export const forgetReleaseOption = {
  'forget-release': {
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
    describe: 'Remove the record of this Helm release, once all of it is ours; repeatable',
  },
} as const;

export const yesOption = {
  yes: { alias: 'y', type: 'boolean', describe: 'Do not ask' },
} as const;

export const preflightOption = {
  'skip-preflight': {
    type: 'boolean',
    describe: 'Do not check rights, quotas, nodes and references',
  },
} as const;

/** Without a default of its own: what is enough depends on the roll-out. */
export const waitTimeoutOption = {
  type: 'string',
  requiresArg: true,
  defaultDescription: '90m; twice the time in the plan where that is more',
  describe: 'How long to wait for health',
  coerce: toSeconds('wait-timeout'),
} as const;

function toSeconds(name: string): (value: string) => number {
  return (value) => {
    const seconds = parseSeconds(value);
    if (seconds !== undefined) return seconds;
    throw new DsdeployError('USAGE', `Cannot read --${name}: "${value}" is not a duration`, {
      subject: `--${name}`,
      hint: 'Write hours, minutes and seconds, for example 90m or 1h30m.',
    });
  };
}

function positiveTokens(value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new DsdeployError('USAGE', 'Cannot use --canary-context: it is not a number of tokens', {
    subject: '--canary-context',
    hint: 'Give a whole number, for example --canary-context 65536.',
  });
}

/** Rejects an empty value, which a shell makes out of an unset variable. */
export function nonEmpty(name: string) {
  return (value: string): string => {
    if (value !== '') return value;
    throw new DsdeployError('USAGE', `Cannot use --${name}: its value is empty`, {
      subject: `--${name}`,
      hint: 'Give a value, or leave the option out.',
    });
  };
}

function objectNames(names: readonly string[]): readonly string[] {
  const wrong = names.find((name) => name !== 'all' && !/^[A-Za-z]+(\/[^/\s]+){1,2}$/.test(name));
  if (wrong === undefined) return names;
  throw new DsdeployError('USAGE', `Cannot use --adopt: "${wrong}" is not KIND/NAME`, {
    subject: '--adopt',
    hint: 'Name an object as the plan does, for example --adopt ConfigMap/llm/v32-start, or all of them with --adopt all.',
  });
}

function namespaceName(value: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) return value;
  throw new DsdeployError('USAGE', `Cannot use --namespace: "${value}" is not a DNS label`, {
    subject: '--namespace',
    hint: 'Use up to 63 lower-case letters, digits and dashes, starting with a letter or digit.',
  });
}
