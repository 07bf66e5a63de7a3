/** Writes `docs/commands.md` from the help of every command; `--check` only compares. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'docs', 'commands.md');

function help(...command: string[]): string {
  const text = execFileSync('node', [join(root, 'src', 'cli.ts'), ...command, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '100', NO_COLOR: '1' },
  });
  return text.trimEnd();
}

/** Names in the "Commands:" block of a help text, without the words before them. */
function commandsIn(text: string, prefix: string): string[] {
  const block = /^Commands:\n(.*?)\n\n/ms.exec(text)?.[1] ?? '';
  const names = [...block.matchAll(new RegExp(`^ {2}dsdeploy ${prefix}([a-z]+)\\b`, 'gm'))];
  return names.flatMap(([, name]) => (name === undefined ? [] : [name]));
}

function sections(): string[] {
  const overview = help();
  const names = commandsIn(overview, '').filter((name) => name !== 'completion');
  const parts = names.flatMap((name) => {
    const text = help(name);
    const children = commandsIn(text, `${name} `).map((child) => section([name, child]));
    return [section([name], text), ...children];
  });
  return [
    '# Commands',
    'Written by `npm run docs` from the help texts.',
    block(overview),
    ...parts,
  ];
}

function section(command: string[], text = help(...command)): string {
  return `## dsdeploy ${command.join(' ')}\n\n${block(text)}`;
}

function block(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}

const wanted = `${sections().join('\n\n')}\n`;
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== wanted) {
    console.error('docs/commands.md is out of date: run `npm run docs`');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, wanted);
  console.log('docs/commands.md written');
}
