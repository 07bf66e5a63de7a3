import { describe, expect, test } from 'vitest';
import { estimateDeployment } from '../../src/actions/estimate/index.ts';
import { fitDeployment } from '../../src/actions/fit/index.ts';
import { planLayout, siteCatalog } from '../../src/layout/index.ts';
import { createStyle, type Style } from '../../src/ui/style.ts';
import { renderEstimate } from '../../src/ui/text/estimate.ts';
import { renderFit } from '../../src/ui/text/fit.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

const catalog = siteCatalog(undefined);
const layout = planLayout(aSpec({ groups: [aGroup({ parallelism: 'auto' })] }));
const tight = planLayout(
  aSpec({
    pools: [aPool({ nodes: 1 })],
    groups: [aGroup({ nodes: 1, parallelism: { tensor: 4, data: 1, pipeline: 1, expert: false } })],
  }),
);

const workload = {
  catalog,
  inputTokens: 4096,
  outputTokens: 512,
  concurrency: [4, 64],
  prefixHitRatio: 0.5,
  prices: { devicePerHour: 2, utilization: 0.4 },
  search: {},
};

const renderers: readonly (readonly [string, (style: Style) => string])[] = [
  ['fit', (style) => renderFit(fitDeployment(layout, catalog), style, { explain: true })],
  ['fit-refused', (style) => renderFit(fitDeployment(tight, catalog), style, { explain: false })],
  ['estimate', (style) => renderEstimate(estimateDeployment(layout, workload), style)],
  ['estimate-refused', (style) => renderEstimate(estimateDeployment(tight, workload), style)],
];

const cases = renderers.flatMap(([name, render]) =>
  [40, 80, 120].map((width) => ({ name, width, render })),
);

describe('renderers of fit and estimate', () => {
  test.each(cases)('$name at $width columns breaks lines where there is a space', (one) => {
    const text = one.render(createStyle({ color: false, unicode: true, width: one.width }));
    const long = text.split('\n').filter((line) => line.length > one.width);
    expect(long.filter((line) => line.trim().split(/ +/).length > 3)).toEqual([]);
  });

  test.each(renderers)('%s in a pipe has no escape codes and only ASCII', (_name, render) => {
    const text = render(createStyle({ color: false, unicode: false, width: undefined }));
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test.each(renderers)('%s at 120 columns is as the golden file', async (name, render) => {
    const text = render(createStyle({ color: false, unicode: true, width: 120 }));
    await expect(text).toMatchFileSnapshot(`../golden/ui/${name}-120.txt`);
  });
});
