import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { run } from '../commands/fake-context.ts';
import { readRepositoryFile } from '../render/repository-file.ts';

interface Variant {
  readonly properties: Readonly<Record<string, { readonly const?: string }>>;
}

const schema: {
  readonly definitions: { readonly EventDocument: { readonly anyOf: readonly Variant[] } };
} = JSON.parse(readRepositoryFile('docs/schemas/Event.schema.json'));

const fieldsByCode = new Map(
  schema.definitions.EventDocument.anyOf.map(({ properties }) => [
    properties['code']?.const ?? '',
    Object.keys(properties),
  ]),
);

/** Sections of the document by their heading. */
const sections = new Map(
  readRepositoryFile('docs/events.md')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

describe('docs/events.md', () => {
  test('has a section for every code and no other', () => {
    expect([...sections.keys()].toSorted()).toEqual([...fieldsByCode.keys()].toSorted());
  });

  test.each([...fieldsByCode])('names every field of %s', (code, fields) => {
    const common = ['apiVersion', 'kind', 'level', 'code'];
    const own = fields.filter((field) => !common.includes(field));
    const text = sections.get(code) ?? '';
    expect(own.filter((field) => !text.includes(`\`${field}\``))).toEqual([]);
  });
});

describe('every line on stderr with -o json', () => {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
  test.each(['plan', 'apply --yes --no-wait', 'apply --yes --wait-timeout 30s'])(
    'of %s is an event that its schema accepts',
    async (line) => {
      const { stderr } = await run(`${line} -o json`);
      const events = stderr
        .trim()
        .split('\n')
        .map((text): unknown => JSON.parse(text));
      expect(events.length).toBeGreaterThan(2);
      for (const event of events) {
        validate(event);
        expect(validate.errors ?? []).toEqual([]);
      }
    },
  );
});
