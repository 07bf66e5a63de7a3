import { dirname, join } from 'node:path';

import { DsdeployError } from '../../errors/index.ts';
import { specJsonSchema } from '../../spec/index.ts';
import { type Files, isErrorCode } from '../read-spec.ts';
import { findSiteValues, type SiteValue } from './site-values.ts';
import type { Template } from './template.ts';

/** Name that the templates' editor line refers to. */
const schemaFileName = 'dsdeploy.schema.json';

export interface InitOptions {
  readonly template: Template;
  /** Where the spec goes. */
  readonly file: string;
  readonly force: boolean;
}

export interface InitResult {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'InitResult';
  readonly template: string;
  readonly file: string;
  readonly schemaFile: string;
  /** What the template cannot know about a site, in file order. */
  readonly siteValues: readonly SiteValue[];
}

/** Writes a template and its JSON Schema; neither when the spec exists and `force` is not set. */
export async function initSpec(
  { template, file, force }: InitOptions,
  files: Files,
): Promise<InitResult> {
  const schemaFile = join(dirname(file), schemaFileName);
  await write(file, template.text, { files, overwrite: force });
  // The schema is ours, not the user's: a newer dsdeploy may always refresh it.
  const schema = `${JSON.stringify(specJsonSchema(), null, 2)}\n`;
  await write(schemaFile, schema, { files, overwrite: true });
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'InitResult',
    template: template.name,
    file,
    schemaFile,
    siteValues: findSiteValues(template.text),
  };
}

interface WriteTarget {
  readonly files: Files;
  readonly overwrite: boolean;
}

async function write(path: string, text: string, { files, overwrite }: WriteTarget): Promise<void> {
  try {
    await files.writeText(path, text, { overwrite });
  } catch (cause) {
    if (isErrorCode(cause, 'EEXIST')) {
      throw new DsdeployError('FILE_EXISTS', `Cannot write "${path}": the file exists`, {
        subject: path,
        hint: 'Choose another name with --file, or replace it with --force.',
      });
    }
    throw new DsdeployError('FILE_UNWRITABLE', `Cannot write "${path}"`, {
      subject: path,
      hint: 'Check the folder, its permissions and the free space, or choose another place.',
      cause,
    });
  }
}
