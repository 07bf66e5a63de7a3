import type { Credential } from './credential.ts';

/**
 * Hands out the current credential and reads a new one when it expired or was refused. However
 * many requests ask at once, the reader, which may be a plug-in that opens a browser, runs once.
 */
export class CredentialSource {
  readonly #read: () => Promise<Credential>;
  #current: Credential | undefined;
  #reading: Promise<Credential> | undefined;

  constructor(read: () => Promise<Credential>) {
    this.#read = read;
  }

  async current(): Promise<Credential> {
    if (this.#current !== undefined && Date.now() < this.#current.expiresAtMs) return this.#current;
    return this.#readOnce();
  }

  /** The credential last used, without reading any. */
  peek(): Credential | undefined {
    return this.#current;
  }

  /** Replaces a credential the server refused, unless another request has done so already. */
  async refresh(refused: Credential): Promise<Credential> {
    if (this.#current === refused) this.#current = undefined;
    return this.current();
  }

  #readOnce(): Promise<Credential> {
    this.#reading ??= this.#read()
      .then((credential) => {
        this.#current = credential;
        return credential;
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }
}
