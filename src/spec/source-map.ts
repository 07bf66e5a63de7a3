import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { SpecPath } from './issue.ts';

/** A place in the file; both 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One step's entry in the tree: the key where it has one, and the value where it has one. */
interface Entry {
  readonly key?: Node;
  readonly value?: Node;
}

/** Finds the file position, and the text as written, of paths in a parsed YAML document. */
export class SourceMap {
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  /** Position of an offset, as the parser reports them. */
  atOffset(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** Position of the entry at `path`, or of its nearest ancestor that is in the file. */
  atPath(path: SpecPath, at: 'key' | 'value'): Position {
    const { entry, complete } = this.#walk(path);
    // Only an entry that is there has a value to point at; for a missing one the parent's key is it.
    const node =
      complete && at === 'value' ? (entry.value ?? entry.key) : (entry.key ?? entry.value);
    return this.atOffset(node?.range?.[0] ?? 0);
  }

  /** Text of the scalar at `path` as written, for example `012`, or `undefined`. */
  sourceAt(path: SpecPath): string | undefined {
    const { entry, complete } = this.#walk(path);
    return complete && isScalar(entry.value) ? entry.value.source : undefined;
  }

  #walk(path: SpecPath): { readonly entry: Entry; readonly complete: boolean } {
    let entry: Entry = withDefined(undefined, this.#document.contents);
    for (const step of path) {
      const next = this.#child(entry.value, step);
      if (next === undefined) return { entry, complete: false };
      entry = next;
    }
    return { entry, complete: true };
  }

  #child(node: Node | undefined, step: string | number): Entry | undefined {
    const target = this.#resolve(node);
    if (isSeq(target)) {
      const item = target.items[Number(step)];
      return isNode(item) ? { key: item, value: item } : undefined;
    }
    if (!isMap(target)) return undefined;
    return this.#mapEntry(target, String(step));
  }

  #mapEntry(map: YAMLMap, step: string): Entry | undefined {
    const own = map.items.findLast((pair) => keyText(pair) === step);
    if (own !== undefined) return withDefined(own.key, own.value);
    for (const source of this.#merged(map)) {
      const found = this.#child(source, step);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Mappings that `<<` merges into this one. */
  #merged(map: YAMLMap): readonly Node[] {
    return map.items
      .filter((pair) => keyText(pair) === '<<')
      .flatMap(({ value }) => {
        const node = isNode(value) ? this.#resolve(value) : undefined;
        return isSeq(node) ? node.items : [node];
      })
      .filter(isNode);
  }

  #resolve(node: Node | undefined): Node | undefined {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}

function keyText({ key }: Pair): string | undefined {
  if (!isScalar(key)) return undefined;
  // With merges on, the parser reads the key `<<` as a symbol.
  return typeof key.value === 'symbol' ? '<<' : String(key.value);
}

function withDefined(key: unknown, value: unknown): Entry {
  return { ...(isNode(key) ? { key } : {}), ...(isNode(value) ? { value } : {}) };
}
