import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DsdeployError } from '../../src/errors/index.ts';
import { paragraph } from '../../src/ui/block.ts';
import { formatNumberRanges } from '../../src/ui/number-ranges.ts';
import { createStyle } from '../../src/ui/style.ts';
import { table } from '../../src/ui/table.ts';
import { renderError, toErrorDocument } from '../../src/ui/text/error.ts';
import { toPlainText, wrapText } from '../../src/ui/wrap.ts';

const plain = createStyle({ color: false, unicode: false, width: undefined });

describe('wrapText()', () => {
  test('loses no word, and cuts none', () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 30 }), fc.integer({ min: 1, max: 60 }), (text, width) => {
        expect(wrapText(text, { width }).join(' ')).toBe(text);
      }),
    );
  });

  test('leaves a line whole without a width', () => {
    expect(wrapText('a '.repeat(200).trim(), { width: undefined })).toHaveLength(1);
  });

  test('counts wide characters as two columns', () => {
    expect(wrapText('機架 機架', { width: 8 })).toEqual(['機架', '機架']);
  });
});

describe('toPlainText()', () => {
  test('takes escape codes and control characters out of text that a cluster sent', () => {
    expect(toPlainText('a\u001b[31mred\u001b[0m\u0007b\r\nc')).toBe('ared b \nc');
  });
});

describe('table()', () => {
  const columns = [
    { header: 'pod' },
    { header: 'restarts', align: 'right' },
    { header: 'detail' },
  ] as const;
  const rows = [
    ['deepseek-main-0', '12', 'the engine exited with code 1'].map((text) => ({ text })),
  ];

  test('wraps its last column', () => {
    expect(table({ columns, rows }, { style: { ...plain, width: 48 } })).toEqual([
      '  pod              restarts  detail',
      '  deepseek-main-0        12  the engine exited',
      '                             with code 1',
    ]);
  });

  test('becomes a list where there is no room', () => {
    expect(table({ columns, rows }, { style: { ...plain, width: 36 } })).toEqual([
      '  pod deepseek-main-0',
      '    restarts  12',
      '    detail    the engine exited with',
      '              code 1',
    ]);
  });
});

describe('paragraph()', () => {
  const lead = 'ok lws-available  ';

  test('hangs later lines behind the lead', () => {
    expect(paragraph('one group of two is up', { style: { ...plain, width: 46 }, lead })).toEqual([
      'ok lws-available  one group of two is up',
    ]);
    expect(
      paragraph('one group is up '.repeat(3), { style: { ...plain, width: 46 }, lead }),
    ).toEqual([
      'ok lws-available  one group is up one group is',
      '                  up one group is up',
    ]);
  });

  test('goes below the lead with a first word that has room only there', () => {
    const text = 'LeaderWorkerSet/deepseek/deepseek-main: 1 group';
    expect(paragraph(text, { style: { ...plain, width: 50 }, lead })).toEqual([
      'ok lws-available',
      '    LeaderWorkerSet/deepseek/deepseek-main: 1',
      '    group',
    ]);
  });

  test('keeps its indent for a word that has room nowhere', () => {
    const digest = 'f'.repeat(64);
    expect(paragraph(`sha256 ${digest}`, { style: { ...plain, width: 50 }, lead })).toEqual([
      'ok lws-available  sha256',
      `                  ${digest}`,
    ]);
  });
});

describe('formatNumberRanges()', () => {
  test.each([
    [[], ''],
    [[3], '3'],
    [[0, 1, 2, 3], '0-3'],
    [[8, 0, 1, 1, 2], '0-2,8'],
  ])('%j is "%s"', (numbers, text) => {
    expect(formatNumberRanges(numbers)).toBe(text);
  });
});

describe('renderError()', () => {
  const context = { version: '0.1.0' };

  test('tells the cause when the message does not', () => {
    const error = new DsdeployError('CLUSTER_UNREACHABLE', 'Cannot reach the cluster', {
      cause: new Error('ECONNREFUSED 10.0.0.1:6443'),
    });
    expect(renderError(error, context, plain)).toBe(
      'error CLUSTER_UNREACHABLE: Cannot reach the cluster\n  cause: ECONNREFUSED 10.0.0.1:6443\n',
    );
  });

  test('does not repeat a cause that the message quotes', () => {
    const error = new DsdeployError('USAGE', 'Cannot run: bad', { cause: new Error('bad') });
    expect(renderError(error, context, plain)).not.toContain('cause:');
  });

  test('shows anything else as a bug, with stack and version', () => {
    const text = renderError(new TypeError('x is undefined'), context, plain);
    expect(text).toContain('this is a bug in dsdeploy 0.1.0');
    expect(text).toContain('text.test.ts');
    expect(text).toContain('Report it');
  });

  test('has the same facts as JSON', () => {
    const error = new DsdeployError('USAGE', 'Cannot run', { subject: '--yes', hint: 'Do it.' });
    expect(toErrorDocument(error)).toEqual({
      apiVersion: 'dsdeploy/v1',
      kind: 'Error',
      code: 'USAGE',
      message: 'Cannot run',
      subject: '--yes',
      hint: 'Do it.',
      details: [],
    });
  });
});
