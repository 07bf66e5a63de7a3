import type { YAMLParseError } from 'yaml';
import type { TextFinding } from './issue.ts';

interface Wording {
  readonly message: string;
  readonly hint: string;
}

const checkIndentation = 'Check the indentation of this line and the ones around it.';

/** The parser's frequent errors in the words of somebody who writes YAML; by its error code. */
const wordings: Readonly<Record<string, Wording>> = {
  TAB_AS_INDENT: {
    message: 'This line is indented with a tab, and YAML allows only spaces',
    hint: 'Indent with spaces.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'This value looks like a key and a value of its own',
    hint: 'Quote a value that contains ": ", or check the indentation of this line and the next one.',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'This key has no colon after it, or a value goes on where a key is wanted',
    hint: 'End the key with a colon, or check the indentation.',
  },
  BAD_SCALAR_START: {
    message: 'A value without quotes cannot start with this character',
    hint: 'Quote the value.',
  },
};

const unclosed: Wording = {
  message: 'A { or [ that was opened above this place is not closed',
  hint: 'Close it on the line where it belongs.',
};

const tooDeep: Wording = {
  message: 'The values are nested too deeply to be a spec',
  hint: 'Write one with `dsdeploy init`.',
};

/** Says what is wrong with the syntax, and where. */
export function describeSyntaxError({ code, message, pos }: YAMLParseError): TextFinding {
  const offset = pos[0];
  if (code === 'MULTIPLE_DOCS') {
    return {
      code: 'SEVERAL_DOCUMENTS',
      offset,
      message: 'A spec is one YAML document, and a second one starts here',
      hint: 'Remove the `---`, or put each deployment into a file of its own and pass it with --file.',
    };
  }
  if (/stack/i.test(message)) return { code: 'YAML_SYNTAX', offset, ...tooDeep };
  const known = /must (?:be sufficiently indented and )?end with a [\]}]/.test(message)
    ? unclosed
    : wordings[code];
  const wording = known ?? {
    message: `This is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
    hint: checkIndentation,
  };
  return { code: 'YAML_SYNTAX', offset, ...wording };
}
