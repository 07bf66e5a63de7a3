/** A value that the template leaves to the reader. */
export interface SiteValue {
  readonly line: number;
  /** For example `pools.h200.fabric.rdma`. */
  readonly path: string;
  /** How to find it. */
  readonly advice: string;
}

interface OpenKey {
  readonly indent: number;
  readonly key: string;
}

/** Finds the keys of a template below a comment that begins with `SITE:`, in file order. */
export function findSiteValues(text: string): SiteValue[] {
  const found: SiteValue[] = [];
  let parents: OpenKey[] = [];
  let advice: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const comment = /^\s*#\s?(.*)$/.exec(line)?.[1];
    if (comment !== undefined) {
      advice = collectAdvice(advice, comment);
      continue;
    }
    const key = readKey(line);
    if (key === undefined) continue;
    parents = [...parents.filter(({ indent }) => indent < key.indent), key];
    if (advice.length > 0) {
      const path = parents.map((parent) => parent.key).join('.');
      found.push({ line: index + 1, path, advice: advice.join(' ') });
    }
    advice = [];
  }
  return found;
}

// A comment goes on over the lines below it, until a key.
function collectAdvice(advice: readonly string[], comment: string): string[] {
  const start = /^SITE:\s*(.*)$/.exec(comment)?.[1];
  if (start !== undefined) return [start.replaceAll(/\s+/g, ' ')];
  return advice.length === 0 ? [] : [...advice, comment.trim()];
}

function readKey(line: string): OpenKey | undefined {
  const match = /^(\s*(?:- )?)([\w./-]+):/.exec(line);
  const [, indent, key] = match ?? [];
  return indent === undefined || key === undefined ? undefined : { indent: indent.length, key };
}
