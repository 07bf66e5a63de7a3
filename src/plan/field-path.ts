/** One step into an object. The two sides of a positional list may differ in index. */
export type PathSegment =
  | { readonly kind: 'field'; readonly name: string }
  /** Item of a keyed list; `keys` in the order of the list's rule. */
  | { readonly kind: 'key'; readonly keys: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'index';
      readonly before?: number;
      readonly after?: number;
      /** What tells the item apart for masking: its `name`, or the flag before it. */
      readonly label?: string;
    }
  /** Item of a list whose order has no meaning. */
  | { readonly kind: 'member'; readonly value: unknown }
  /** The order of the items, as opposed to the items. */
  | { readonly kind: 'order' };

export type FieldPath = readonly PathSegment[];

/** Formats as `spec.template.spec.containers[name=engine].args[3]`. */
export function formatPath(path: FieldPath): string {
  return path.map(formatSegment).join('').replace(/^\./, '');
}

/** The fields along the way, list items left out; what list rules are looked up by. */
export function fieldNames(path: FieldPath): readonly string[] {
  return path.flatMap((segment) => (segment.kind === 'field' ? [segment.name] : []));
}

function formatSegment(segment: PathSegment): string {
  switch (segment.kind) {
    case 'field':
      return /^[\w-]+$/.test(segment.name) ? `.${segment.name}` : `[${quote(segment.name)}]`;
    case 'key':
      return `[${formatKeys(segment.keys)}]`;
    case 'index':
      return `[${segment.after ?? segment.before ?? 0}]`;
    case 'member':
      return `[${String(segment.value)}]`;
    case 'order':
      return ' (order)';
  }
}

/** Formats the identity of a keyed item as `name=engine` or `port=8000,protocol=TCP`. */
export function formatKeys(keys: Readonly<Record<string, unknown>>): string {
  return Object.entries(keys)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

function quote(text: string): string {
  return JSON.stringify(text);
}
