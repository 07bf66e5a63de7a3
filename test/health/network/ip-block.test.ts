import { describe, expect, test } from 'vitest';
import { isInBlock } from '../../../src/health/network/ip-block.ts';

describe('isInBlock()', () => {
  test.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['169.254.20.10', '169.254.20.10/32', true],
    ['169.254.20.11', '169.254.20.10/32', false],
    ['fd00:1::7', 'fd00::/8', true],
    ['fd00:1::7', 'fd00:1:0:0:0:0:0:7/128', true],
    ['fe80::1', 'fd00::/8', false],
    ['10.1.2.3', '::/0', false],
    ['10.1.2.3', '10.0.0.0/33', false],
    ['10.1.2.300', '0.0.0.0/0', false],
    ['1:2:3', '::/0', false],
    ['1::2::3', '::/0', false],
  ])('%s in %s: %s', (ip, cidr, isInside) => {
    expect(isInBlock(ip, cidr)).toBe(isInside);
  });
});
