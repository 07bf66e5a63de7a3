import type { HostedPrices, Prices } from '../../capacity/index.ts';
import { DsdeployError } from '../../errors/index.ts';

/** Prices of the user's site as options and files name them; all optional until they are needed. */
export interface PriceList extends Omit<Prices, 'otherPerNodeHour'> {
  /** Space, per kilowatt and month. */
  readonly coloPerKilowattMonth?: number;
  /** Staff, per node and month. */
  readonly staffPerNodeMonth?: number;
  /** Share of the hours the devices serve, 0 to 1. */
  readonly utilization?: number;
  readonly hosted?: HostedPrices;
}

/** Keys of a price file, and of `--KEY-NAME` options, with what they are. */
export const priceKeys = {
  devicePerHour: 'rent of one device for an hour, instead of a purchase',
  node: 'purchase price of one node',
  months: 'months the node is written off over',
  residual: 'share of the price left at the end, 0 to 1',
  fabricShare: 'network and storage, as a share of the price',
  nodeKilowatts: 'power of one node under load, kW',
  pue: 'power usage effectiveness, 1 or more',
  perKilowattHour: 'price of a kWh',
  coloPerKilowattMonth: 'space, per kW and month',
  staffPerNodeMonth: 'staff, per node and month',
  utilization: 'share of the hours the devices serve, 0 to 1',
} as const satisfies Partial<Record<keyof PriceList, string>>;

export type PriceKey = keyof typeof priceKeys;

const optionNames: Readonly<Record<PriceKey, string>> = {
  devicePerHour: 'device-hour-price',
  node: 'node-price',
  months: 'months',
  residual: 'residual',
  fabricShare: 'fabric-share',
  nodeKilowatts: 'node-kw',
  pue: 'pue',
  perKilowattHour: 'kwh-price',
  coloPerKilowattMonth: 'colo-kw-month',
  staffPerNodeMonth: 'staff-node-month',
  utilization: 'utilization',
};

/** Option of a key, without its dashes. */
export function priceOption(key: PriceKey): string {
  return optionNames[key];
}

/** A list without the keys that nobody gave. */
export function definedOnly(list: Readonly<Record<string, unknown>> | PriceList): PriceList {
  return Object.fromEntries(Object.entries(list).filter(([, value]) => value !== undefined));
}

const hoursPerMonth = 730;

/** The prices the cost model wants: what is paid by the month counted by the hour. */
export function toPrices(list: PriceList): Prices {
  const { coloPerKilowattMonth, staffPerNodeMonth, utilization: _, hosted: _h, ...prices } = list;
  const space = (coloPerKilowattMonth ?? 0) * (list.nodeKilowatts ?? 0);
  return { ...prices, otherPerNodeHour: (space + (staffPerNodeMonth ?? 0)) / hoursPerMonth };
}

/** The error that asks for prices; each with its option, its key and what it is. */
export function missingPrices(keys: readonly PriceKey[]): DsdeployError {
  const details = keys.map((key) => ({
    location: `--${priceOption(key)}`,
    message: `${priceKeys[key]} (key ${key} of a price file)`,
  }));
  return new DsdeployError('PRICES_MISSING', 'Cannot compute the cost: prices are missing', {
    hint: 'Give the options, or a YAML or JSON file with these keys as --prices FILE; for rented devices --device-hour-price is enough.',
    details,
  });
}

export function invalidPrices(keys: readonly PriceKey[], subject: string): DsdeployError {
  const details = keys.map((key) => ({
    location: `--${priceOption(key)}`,
    message: `is out of range: ${priceKeys[key]}`,
  }));
  return new DsdeployError('PRICES_INVALID', 'Cannot compute the cost: a price is out of range', {
    subject,
    hint: 'Give prices that are not negative, and shares between 0 and 1.',
    details,
  });
}
