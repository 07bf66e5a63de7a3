import { labelOf } from '../diff/list-label.ts';
import type { FieldPath, PathSegment } from '../field-path.ts';
import { maskShapesIn } from './secret-shapes.ts';

/** Names of variables, keys and flags whose value is not shown; `MAX_TOKENS` is not one. */
const secretName = /(token|keys?|passwords?|passwd|secrets?|credentials?)(?![a-z])/i;

/** kubectl keeps a copy of the whole object here, secret values included. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether the value under a name is kept out of plans, messages and files. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** A document to be printed, without the secrets that a spec or an object holds in plain text. */
export function maskDocument<Document extends object>(document: Document): Document {
  // Only text is replaced by text, so that the shape stays.
  return maskSecrets(document, { kind: '', path: [], label: '(secret)' }) as Document;
}

export interface MaskOptions {
  /** Kind of the object the value is from. */
  readonly kind: string;
  /** Where in the object the value is. */
  readonly path: FieldPath;
  /** What takes the place of a secret, for example `(secret, before)`. */
  readonly label: string;
}

/** Replaces every secret value inside `value` by a label. */
export function maskSecrets(value: unknown, options: MaskOptions): unknown {
  if (value === undefined) return undefined;
  const { path, label } = options;
  const descend = (segment: PathSegment, inner: unknown) =>
    maskSecrets(inner, { ...options, path: [...path, segment] });
  if (Array.isArray(value))
    return value.map((item: unknown, position) => descend(itemSegment(value, position), item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, descend({ kind: 'field', name }, inner)]),
    );
  if (isSecretPlace(options)) return label;
  return typeof value === 'string' ? maskShapesIn(maskFlag(value, options), label) : value;
}

function itemSegment(list: readonly unknown[], position: number): PathSegment {
  const label = labelOf(list, position);
  return { kind: 'index', after: position, ...(label === undefined ? {} : { label }) };
}

function isSecretPlace({ kind, path }: MaskOptions): boolean {
  const [first] = path;
  const last = path.at(-1);
  const root = first?.kind === 'field' ? first.name : '';
  const leaf = last?.kind === 'field' ? last.name : '';
  if (kind === 'Secret' && (root === 'data' || root === 'stringData')) return true;
  if (leaf === lastApplied) return true;
  if (kind === 'ConfigMap' && (root === 'data' || root === 'binaryData'))
    return path.length > 1 && isSecretName(leaf);
  return isSecretVariable(path) || isSecretArgument(path);
}

const commandLines: ReadonlySet<string> = new Set(['args', 'command', 'extraArgs']);

/** `env[name=API_KEY].value`, and `extraEnv.API_KEY` of a spec. */
function isSecretVariable(path: FieldPath): boolean {
  const [list, item, field] = path.slice(-3);
  if (item?.kind === 'field' && item.name === 'extraEnv' && field?.kind === 'field')
    return isSecretName(field.name);
  if (list?.kind !== 'field' || list.name !== 'env') return false;
  if (field?.kind !== 'field' || field.name !== 'value') return false;
  return isSecretName(itemName(item));
}

/** The argument that follows `--api-key`. */
function isSecretArgument(path: FieldPath): boolean {
  const item = path.at(-1);
  return isCommandLine(path) && itemName(item).startsWith('-') && isSecretName(itemName(item));
}

function isCommandLine(path: FieldPath): boolean {
  const list = path.at(-2);
  return list?.kind === 'field' && commandLines.has(list.name);
}

function itemName(segment: PathSegment | undefined): string {
  if (segment?.kind === 'key') {
    const name = segment.keys['name'];
    return typeof name === 'string' ? name : '';
  }
  return segment?.kind === 'index' ? (segment.label ?? '') : '';
}

/** Masks the value of `--api-key=value`, keeping the flag readable. */
function maskFlag(text: string, { path, label }: MaskOptions): string {
  if (!isCommandLine(path)) return text;
  const flag = /^(-[^=]*)=/.exec(text)?.[1];
  return flag !== undefined && isSecretName(flag) ? `${flag}=${label}` : text;
}
