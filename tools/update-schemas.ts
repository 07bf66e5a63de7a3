/**
 * Writes `docs/schemas/<Kind>.schema.json` from the types of `src/commands/documents.ts`; with
 * `--check` it only says whether the files are up to date.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGenerator, type Schema } from 'ts-json-schema-generator';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const directory = join(root, 'docs', 'schemas');

function generate(): Map<string, string> {
  const schema = createGenerator({
    path: join(root, 'src', 'commands', 'documents.ts'),
    tsconfig: join(root, 'tsconfig.json'),
    type: 'Documents',
    additionalProperties: false,
    skipTypeCheck: true,
    expose: 'export',
    topRef: false,
    sortProps: true,
  }).createSchema('Documents');
  const definitions = schema.definitions ?? {};
  return new Map(
    Object.entries(schema.properties ?? {}).map(([kind, document]) => [
      `${kind}.schema.json`,
      format(kind, document, definitions),
    ]),
  );
}

function format(kind: string, document: unknown, definitions: object): string {
  const used = reachable(document, definitions);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `dsdeploy/v1 ${kind}`,
    ...(document as Schema),
    definitions: Object.fromEntries(Object.entries(definitions).filter(([name]) => used.has(name))),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Names of the definitions a schema leads to. */
function reachable(start: unknown, definitions: object): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [, reference] of JSON.stringify(value).matchAll(/"#\/definitions\/([^"]+)"/g)) {
      const name = decodeURIComponent(reference ?? '');
      if (found.has(name)) continue;
      found.add(name);
      visit((definitions as Record<string, unknown>)[name] ?? {});
    }
  };
  visit(start);
  return found;
}

function main(check: boolean): void {
  const files = generate();
  mkdirSync(directory, { recursive: true });
  const present = new Map(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  );
  const stale = [...files].filter(([name, text]) => present.get(name) !== text);
  if (check) {
    for (const [name] of stale) console.error(`docs/schemas/${name} is out of date`);
    process.exitCode = stale.length === 0 ? 0 : 1;
    return;
  }
  for (const [name, text] of stale) writeFileSync(join(directory, name), text);
  console.log(`${files.size} schemas, ${stale.length} written`);
}

main(process.argv.includes('--check'));
