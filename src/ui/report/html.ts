/** Markup that is safe to put into a page as it is. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type HtmlPart = string | number | Html | readonly Html[] | undefined;

/**
 * Builds markup from a template: every value is escaped unless it is markup itself, so that text
 * from a cluster can never become a tag, in an element as well as in a quoted attribute.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  const markup = strings.reduce(
    (text, string, index) => text + toMarkup(parts[index - 1]) + string,
  );
  return new Html(markup);
}

function toMarkup(part: HtmlPart): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'object') return part.map(({ markup }) => markup).join('');
  return escapeText(String(part));
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Escapes text for elements and quoted attributes; control characters become visible. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => entities.get(character) ?? character)
    .replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD');
}

/** Text in which what stands between backticks is a command or a name. */
export function prose(text: string): readonly Html[] {
  return text
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
