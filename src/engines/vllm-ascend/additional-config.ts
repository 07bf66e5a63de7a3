import { parseFlags, splitKey } from '../argument-check.ts';

/** vllm-ascend's own settings, as its `--additional-config` holds them. */
export type AdditionalConfig = Readonly<Record<string, unknown>>;

const flagName = '--additional-config';

/** What the user's arguments set, as one JSON object and key by key (`--additional-config.refresh=true`). */
export function readAdditionalConfig(extraArgs: readonly string[]): AdditionalConfig {
  return parseFlags(extraArgs).reduce<AdditionalConfig>((config, { flag, values }) => {
    const [name, key] = splitKey(flag);
    if (name !== flagName) return config;
    const value = readJson(values.join(' '));
    return key === undefined
      ? { ...config, ...asObject(value) }
      : setAt(config, key.split('.'), value);
  }, {});
}

/** An entry as an object, empty when it is none: `entryOf(config, 'eplb_config')`. */
export function entryOf(config: AdditionalConfig, key: string): AdditionalConfig {
  return asObject(config[key]);
}

/** The settings, with those of the newer `scheduler_config` in place of the same at the top. */
export function withScheduler(config: AdditionalConfig): AdditionalConfig {
  return { ...config, ...entryOf(config, 'scheduler_config') };
}

/** Whether an entry of the scheduler is enabled, wherever it stands. */
export function schedules(config: AdditionalConfig, entry: string): boolean {
  return isSet(entryOf(withScheduler(config), entry)['enabled']);
}

/** Whether Python would take a value for true. */
export function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

export function isObject(value: unknown): value is AdditionalConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): AdditionalConfig {
  return isObject(value) ? value : {};
}

/** A value given by its key alone is JSON, or else a text, as vLLM reads it. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Broken JSON of the whole option is told by the check of the argument itself.
    return text;
  }
}

function setAt(
  config: AdditionalConfig,
  [key = '', ...inner]: readonly string[],
  value: unknown,
): AdditionalConfig {
  const entry = inner.length === 0 ? value : setAt(entryOf(config, key), inner, value);
  return { ...config, [key]: entry };
}
