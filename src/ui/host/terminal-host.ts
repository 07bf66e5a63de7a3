import { confirm, isCancel } from '@clack/prompts';
import { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';

import type { Message } from '../../actions/message.ts';
import { formatSeconds } from '../../units/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { renderWaitTree } from '../text/wait-tree.ts';
import { remainingWidth, wrapText } from '../wrap.ts';
import type { ProgressHost } from './progress-host.ts';
import { isToldByPlan, renderElapsed, renderMessage } from './render-message.ts';

const frameMs = 120;

/** Messages about work that goes on after them. */
const liveCodes: ReadonlySet<Message['code']> = new Set([
  'STEP',
  'CHECK_PROGRESS',
  'WAIT_GONE',
  'WAIT_PROGRESS',
]);

export interface TerminalHostOptions {
  readonly stream: NodeJS.WriteStream;
  readonly input: NodeJS.ReadStream;
  readonly style: Style;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Called when the person presses Ctrl-C at a question, where no signal is sent. */
  readonly interrupt: () => void;
}

/** Shows what is done as lines and what runs now as a live view below them. */
export class TerminalHost implements ProgressHost {
  readonly isInteractive: boolean;
  readonly #options: TerminalHostOptions;
  readonly #live: ReturnType<typeof createLogUpdate>;
  #current: { readonly message: Message; readonly sinceMs: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(options: TerminalHostOptions) {
    this.#options = options;
    this.isInteractive = options.input.isTTY;
    this.#live = createLogUpdate(options.stream);
  }

  notify(message: Message): void {
    this.#settle();
    if (!liveCodes.has(message.code)) {
      if (!isToldByPlan(message)) this.#print(renderMessage(message, this.#options.style));
      return;
    }
    this.#current = { message, sinceMs: this.#options.nowMs() };
    this.#draw();
    // The view never keeps the process alive: the action does.
    this.#timer ??= setInterval(() => {
      this.#draw();
    }, frameMs).unref();
  }

  async confirm(question: string): Promise<boolean> {
    this.close();
    const { stream, input, signal, interrupt } = this.#options;
    const answer = await confirm({
      message: question,
      initialValue: false,
      output: stream,
      input,
      signal,
    });
    if (isCancel(answer)) {
      interrupt();
      return false;
    }
    return answer;
  }

  show(text: string): void {
    this.close();
    this.#options.stream.write(`${text}\n`);
  }

  refresh(text: string): void {
    this.#settle();
    this.#live(text);
  }

  close(): void {
    this.#settle();
    if (this.#timer !== undefined) clearInterval(this.#timer);
    this.#timer = undefined;
    this.#live.done();
  }

  // A finished step stays on the screen as a line; progress of waiting does not.
  #settle(): void {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    this.#live.clear();
    if (current.message.code === 'STEP') {
      const { paints } = this.#options.style;
      this.#print(paints.muted(renderMessage(current.message, this.#options.style)));
    }
  }

  #print(text: string): void {
    this.#live.clear();
    this.#options.stream.write(`${wrapMessage(text, this.#options.style)}\n`);
  }

  #draw(): void {
    if (this.#current === undefined) return;
    const { style, nowMs } = this.#options;
    const { message, sinceMs } = this.#current;
    const { spinner } = style.symbols;
    this.#frame = (this.#frame + 1) % spinner.length;
    const lead = `${spinner[this.#frame] ?? ''} `;
    const seconds = Math.floor((nowMs() - sinceMs) / 1000);
    const { rows: lines } = this.#options.stream;
    this.#live(renderLive(message, { style, lead, seconds, lines }));
  }
}

/** Wraps a line the terminal would break within a word; only such a line loses its colours. */
function wrapMessage(text: string, { width }: Style): string {
  if (width === undefined || stringWidth(text) <= width) return text;
  return wrapText(text, { width: remainingWidth(width, 4), firstWidth: width }).join('\n    ');
}

interface LiveOptions {
  readonly style: Style;
  readonly lead: string;
  /** Since the message arrived. */
  readonly seconds: number;
  /**
   * Lines the terminal has; what does not fit would scroll away at the top, where the totals are.
   *
   * @default - as many as are needed
   */
  readonly lines?: number | undefined;
}

/** Renders the live view: a spinner line, and while waiting every group with its pods below. */
export function renderLive(message: Message, options: LiveOptions): string {
  const { style, lead, seconds } = options;
  if (message.code !== 'WAIT_PROGRESS') {
    const suffix = seconds < 2 ? '' : `  ${formatSeconds(seconds)}`;
    return paragraph(`${renderMessage(message, style)}${suffix}`, { style, lead }).join('\n');
  }
  return [
    ...paragraph(`Waiting ${renderElapsed(message, seconds)}`, { style, lead }),
    ...renderWaitTree(message, options),
  ].join('\n');
}
