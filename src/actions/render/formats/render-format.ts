/** What rendered files are made for. Alone in a file, so that `--help` loads nothing else. */
export const renderFormats = ['yaml', 'kustomize', 'helm', 'argocd', 'flux'] as const;

export type RenderFormat = (typeof renderFormats)[number];
