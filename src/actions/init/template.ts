import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { DsdeployError } from '../../errors/index.ts';
import { nearestName } from '../../spec/nearest.ts';

export interface Template {
  readonly name: string;
  /** First comment of the file. */
  readonly summary: string;
  readonly text: string;
}

/** Reads all templates of a folder, sorted by name. */
export async function readTemplates(directory: string): Promise<readonly Template[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.yaml')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(directory, file), 'utf8');
      return { name: basename(file, '.yaml'), summary: summaryOf(text), text };
    }),
  );
}

export function findTemplate(templates: readonly Template[], name: string): Template {
  const found = templates.find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = templates.map((template) => template.name);
  const nearest = nearestName(name, names);
  const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  throw new DsdeployError('USAGE', `Cannot use template "${name}": there is none${suggestion}`, {
    subject: '--template',
    hint: `Choose one of ${names.join(', ')}.`,
  });
}

// The editor's schema line is a comment too, but says nothing about the template.
function summaryOf(text: string): string {
  const comments = text.split('\n').filter((line) => line.startsWith('# '));
  const first = comments.find((line) => !line.includes('yaml-language-server'));
  return first === undefined ? '' : first.slice(2);
}
