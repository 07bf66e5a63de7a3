import { nonEmpty } from './options.ts';

/** Where `health` writes its page. */
export const reportOption = {
  report: {
    type: 'string',
    requiresArg: true,
    coerce: nonEmpty('report'),
    describe: 'Also write one page of HTML that needs no network',
  },
} as const;
