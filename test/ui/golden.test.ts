import { describe, expect, test } from 'vitest';
import { DsdeployError } from '../../src/errors/index.ts';
import { createStyle, type Style } from '../../src/ui/style.ts';
import { renderError } from '../../src/ui/text/error.ts';
import { renderHealth } from '../../src/ui/text/health.ts';
import { renderLayout } from '../../src/ui/text/layout.ts';
import { renderPlan } from '../../src/ui/text/plan.ts';
import { aHealthReport, aLayout, aPlan, aRefusedLayout } from './fixtures.ts';

const anError = new DsdeployError('SPEC_INVALID', 'Cannot use the spec: 2 problems in lab.yaml', {
  subject: 'lab.yaml',
  hint: 'Run `dsdeploy schema` for every key with its meaning.',
  details: [
    { location: 'lab.yaml:3:1', message: 'unknown key "modle"', hint: 'Did you mean "model"?' },
    { location: 'lab.yaml:9:12', message: 'tensor is 3, which does not divide 128 heads' },
  ],
});

const renderers: readonly (readonly [string, (style: Style) => string])[] = [
  ['plan', (style) => renderPlan({ plan: aPlan, layout: aLayout }, style)],
  ['refused', (style) => renderLayout(aRefusedLayout, style)],
  ['health', (style) => renderHealth(aHealthReport, style)],
  ['error', (style) => renderError(anError, { version: '0.1.0' }, style)],
];

const widths = [40, 80, 120] as const;
const cases = renderers.flatMap(([name, render]) =>
  widths.map((width) => ({ name, width, render })),
);

describe('renderers', () => {
  test.each(cases)(
    '$name at $width columns is as the golden file',
    async ({ name, width, render }) => {
      const text = render(createStyle({ color: false, unicode: true, width }));
      await expect(text).toMatchFileSnapshot(`../golden/ui/${name}-${String(width)}.txt`);
    },
  );

  test.each(cases)('$name at $width columns breaks lines wherever there is a space', (one) => {
    const text = one.render(createStyle({ color: false, unicode: true, width: one.width }));
    const long = text.split('\n').filter((line) => line.length > one.width);
    // Log lines stay verbatim; else only a word is left that cannot be broken, such as a reference.
    const breakable = long.filter(
      (line) => line.trim().split(/ +/).length > 3 && !line.includes('log  |'),
    );
    expect(breakable).toEqual([]);
  });

  test.each(renderers)('%s in a pipe has no escape codes and only ASCII', (_name, render) => {
    const text = render(createStyle({ color: false, unicode: false, width: undefined }));
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  });
});
