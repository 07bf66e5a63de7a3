/** An address as a number, with the bits of its family; `undefined` when it is none. */
function parseAddress(
  text: string,
): { readonly value: bigint; readonly bits: 32 | 128 } | undefined {
  if (text.includes(':')) return parseIpv6(text);
  const parts = text.split('.');
  const isIpv4 = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && +part < 256);
  return isIpv4 ? { value: join(parts.map(BigInt), 8n), bits: 32 } : undefined;
}

function parseIpv6(text: string): { readonly value: bigint; readonly bits: 128 } | undefined {
  const [head = '', tail, ...rest] = text.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':'));
  const [left, right] = [words(head), words(tail ?? '')];
  const gap = 8 - left.length - right.length;
  const isComplete = tail === undefined ? gap === 0 : gap > 0;
  const all = [...left, ...Array.from({ length: Math.max(0, gap) }, () => '0'), ...right];
  if (rest.length > 0 || !isComplete || !all.every((word) => /^[\da-f]{1,4}$/i.test(word))) {
    return undefined;
  }
  const numbers = all.map((word) => BigInt(`0x${word}`));
  return { value: join(numbers, 16n), bits: 128 };
}

function join(parts: readonly bigint[], bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | part, 0n);
}

/** Whether an address lies in a block such as `10.0.0.0/8` or `fd00::/8`; nonsense lies in none. */
export function isInBlock(ip: string, cidr: string): boolean {
  const [base = '', length = ''] = cidr.split('/');
  const [address, network] = [parseAddress(ip), parseAddress(base)];
  if (address === undefined || network?.bits !== address.bits) return false;
  if (!/^\d+$/.test(length) || Number(length) > network.bits) return false;
  const host = BigInt(network.bits - Number(length));
  return address.value >> host === network.value >> host;
}
