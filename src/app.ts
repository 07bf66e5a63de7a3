import { App } from 'cdk8s';
import type { Message } from './actions/message.ts';
import { readLayout } from './actions/read-layout.ts';
import { nodeFiles } from './commands/process/node-files.ts';
import { version } from './commands/version.ts';
import { DsdeployError } from './errors/index.ts';
import { buildApp } from './render/index.ts';
import { renderMessage } from './ui/host/render-message.ts';
import { createStyle } from './ui/style.ts';
import { renderError } from './ui/text/error.ts';

// What `cdk8s.yaml` runs: one spec in, its manifests out, by the same way as `dsdeploy render`.
const style = createStyle({ color: false, unicode: false, width: undefined });

function notify(message: Message): void {
  process.stderr.write(`${renderMessage(message, style)}\n`);
}

const { DSDEPLOY_FILE, CDK8S_OUTDIR } = process.env;
const file = DSDEPLOY_FILE ?? process.argv[2] ?? 'dsdeploy.yaml';

try {
  const layout = await readLayout({ file }, { files: nodeFiles, host: { notify } });
  buildApp(layout, new App({ outdir: CDK8S_OUTDIR ?? 'dist-manifests' })).synth();
} catch (error) {
  process.stderr.write(renderError(error, { version }, style));
  process.exitCode = error instanceof DsdeployError ? error.exitCode : 1;
}
