import { groupOf } from '../manifest/index.ts';
import type { Schemas } from '../plan/index.ts';
import { isObject } from './live-object.ts';
import type { ApiTransport } from './transport/api-transport.ts';
import { BadReplyError, StatusError } from './transport/status-error.ts';

/**
 * The schemas the server publishes, one API version at a time, when first asked for and once. They are
 * large, up to 1.6 MB each, so the index with its hashes, which serves a cache on disk, is not read.
 */
export class OpenApi {
  readonly #transport: ApiTransport;
  readonly #versions = new Map<string, Promise<Schemas | undefined>>();

  constructor(transport: ApiTransport) {
    this.#transport = transport;
  }

  /** Returns `undefined` when the server does not publish the version, or not to this user. */
  async read(apiVersion: string): Promise<Schemas | undefined> {
    const cached = this.#versions.get(apiVersion);
    if (cached !== undefined) return cached;
    const reading = this.#read(apiVersion);
    this.#versions.set(apiVersion, reading);
    const forget = () => {
      if (this.#versions.get(apiVersion) === reading) this.#versions.delete(apiVersion);
    };
    // A failed reading is the caller's error and must not be remembered.
    reading.catch(forget);
    return reading;
  }

  async #read(apiVersion: string): Promise<Schemas | undefined> {
    const root = groupOf(apiVersion) === '' ? 'api' : 'apis';
    try {
      const { value } = await this.#transport.json({
        method: 'GET',
        path: `/openapi/v3/${root}/${apiVersion}`,
      });
      return schemasOf(value);
    } catch (error) {
      const isAbsent = error instanceof StatusError && [403, 404, 406].includes(error.httpStatus);
      if (isAbsent) return undefined;
      throw error;
    }
  }
}

/** Only the schemas are kept: the paths beside them are half of the document. */
function schemasOf(value: unknown): Schemas {
  const components = isObject(value) ? value['components'] : undefined;
  const schemas = isObject(components) ? components['schemas'] : undefined;
  if (!isObject(schemas)) throw new BadReplyError('an OpenAPI document with schemas was expected');
  return schemas as Schemas;
}
