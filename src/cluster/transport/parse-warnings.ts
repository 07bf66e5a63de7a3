/**
 * Takes the texts out of `Warning:` headers, which look like `299 - "text", 299 - "text"`.
 */
export function parseWarnings(header: string | readonly string[] | undefined): readonly string[] {
  const value = [header ?? []].flat().join(', ');
  return [...value.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replace(/\\(.)/g, '$1'),
  );
}
