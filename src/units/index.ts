export { formatGb, formatGib, gibibyte, parseBytes, parseBytesPerSecond } from './bytes.ts';
export { formatCount, formatEach, formatNouns } from './count.ts';
export { formatSeconds, parseSeconds } from './duration.ts';
export { formatQuantity, parseQuantity } from './quantity.ts';
