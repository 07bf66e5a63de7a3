import type { Message } from '../../actions/message.ts';
import type { Output } from '../output.ts';
import type { Style } from '../style.ts';
import { slowestStart } from '../text/phase.ts';
import type { ProgressHost } from './progress-host.ts';
import { isToldByPlan, renderGroupProgress, renderMessage } from './render-message.ts';

/** Some CI systems end a job after ten silent minutes. */
const heartbeatSeconds = 300;

export interface PlainHostOptions {
  readonly output: Output;
  readonly style: Style;
}

/** Writes one line per message for logs, and no line that says nothing new. */
export function createPlainHost({ output, style }: PlainHostOptions): ProgressHost {
  let last = '';
  let lastWaitSeconds = 0;

  const hasNews = (message: Message): boolean => {
    // A log needs the end of the checks, not every step of them.
    if (message.code === 'CHECK_PROGRESS') return message.done === message.total;
    if (isToldByPlan(message)) return false;
    if (message.code === 'WAIT_GONE' && message.elapsedSeconds < 1) return false;
    const key = newsOf(message);
    const seconds = 'elapsedSeconds' in message ? message.elapsedSeconds : 0;
    if (key === last && seconds - lastWaitSeconds < heartbeatSeconds) return false;
    last = key;
    lastWaitSeconds = seconds;
    return true;
  };

  return {
    isInteractive: false,
    notify: (message) => {
      if (hasNews(message)) output.write(`${renderMessage(message, style)}\n`);
    },
    confirm: () => Promise.resolve(false),
    show: (text) => {
      output.write(text);
    },
    refresh: (text) => {
      if (text === last) return;
      last = text;
      output.write(text);
    },
    close: () => undefined,
  };
}

// What a message says apart from the time it took to say it.
function newsOf(message: Message): string {
  if (message.code === 'WAIT_PROGRESS') {
    // A phase that begins or stalls is news, a file more of it is not.
    const slowest = slowestStart(message.phases ?? []);
    const start = `${slowest?.phase ?? ''} ${slowest?.stall === undefined ? '' : 'stalled'}`;
    return [...message.groups.map(renderGroupProgress), start].join('; ');
  }
  if (message.code === 'WAIT_GONE') return String(message.remaining.length);
  return JSON.stringify(message);
}
