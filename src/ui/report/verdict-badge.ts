import type { Check, Verdict } from '../../health/index.ts';
import { type Html, html } from './html.ts';

/** Shapes differ as well as colours, for readers who do not see the colours. */
const symbols = {
  healthy: '✓',
  progressing: '…',
  unhealthy: '✗',
  unknown: '?',
} as const satisfies Record<Verdict, string>;

export function verdictBadge(verdict: Verdict): Html {
  return html`<span class="badge ${verdict}"><span aria-hidden="true">${symbols[verdict]}</span> ${verdict}</span>`;
}

const outcomeVerdict = {
  passed: 'healthy',
  failed: 'unhealthy',
  pending: 'progressing',
  unknown: 'unknown',
  skipped: 'skipped',
} as const satisfies Record<Check['outcome'], Verdict | 'skipped'>;

export function outcomeBadge(outcome: Check['outcome']): Html {
  const look = outcomeVerdict[outcome];
  const symbol = look === 'skipped' ? '–' : symbols[look];
  return html`<span class="badge ${look}"><span aria-hidden="true">${symbol}</span> ${outcome}</span>`;
}
