import type { CalibrateResult, Comparison } from '../../actions/calibrate/index.ts';
import { formatCount, formatGib, formatNouns } from '../../units/index.ts';
import { fields, joinBlocks } from '../block.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';

/** Renders what was learned from a site: seen, and predicted before and after. */
export function renderCalibrate(result: CalibrateResult, style: Style): string {
  const { group, file, readFrom, comparisons, profile } = result;
  return joinBlocks([
    [
      style.paints.heading(`Group ${group}`),
      ...fields(
        [
          ['read', readFrom.join(', ')],
          [
            'wrote',
            `${file}: ${formatNouns(profile.memory.length, 'start')}, ${formatNouns(profile.time.length, 'benchmark')}`,
          ],
        ],
        { style },
      ),
    ],
    comparisonTable(comparisons, style),
    [`Use it with \`dsdeploy fit --profile ${file}\` and \`dsdeploy estimate --profile ${file}\`.`],
  ]);
}

function comparisonTable(comparisons: readonly Comparison[], style: Style): string[] {
  const columns = [
    { header: 'quantity' },
    { header: 'seen', align: 'right' },
    { header: 'catalog', align: 'right' },
    { header: 'profile', align: 'right' },
  ] as const;
  const rows = comparisons.map((comparison) => {
    const { quantity, concurrency, observed, before, after } = comparison;
    const at = concurrency === undefined ? '' : ` at ${concurrency} requests`;
    const side = (value: number) => `${amountText(value, comparison)} (${error(value, observed)})`;
    return [
      { text: `${quantity}${at}` },
      { text: amountText(observed, comparison) },
      { text: side(before) },
      { text: side(after) },
    ];
  });
  return table({ columns, rows }, { style });
}

function amountText(value: number, { unit }: Comparison): string {
  switch (unit) {
    case 'bytes':
      return formatGib(value);
    case 'tokens':
      return formatCount(value);
    case 'ms':
      return `${value.toFixed(1)} ms`;
  }
}

function error(value: number, observed: number): string {
  const percent = (value / observed - 1) * 100;
  return `${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`;
}
