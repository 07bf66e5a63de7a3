import type { Clock, Host } from '../../src/actions/host.ts';
import type { Message } from '../../src/actions/message.ts';

/** A host that keeps what it is told and answers questions as it was made to. */
export class RecordingHost implements Host {
  readonly messages: Message[] = [];
  readonly #answer: boolean;

  constructor(answer = true) {
    this.#answer = answer;
  }

  notify(message: Message): void {
    this.messages.push(message);
  }

  async confirm(): Promise<boolean> {
    return await Promise.resolve(this.#answer);
  }
}

/** A clock whose sleeps take no time. */
export class FakeClock implements Clock {
  /** Runs on every sleep, with the time after it. */
  onSleep: (nowMs: number) => void = () => undefined;
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.#nowMs += ms;
    this.onSleep(this.#nowMs);
    await Promise.resolve();
  }
}
