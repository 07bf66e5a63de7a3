export type { CostRow, HourlyPrice, PriceRange } from './cost-result.ts';
export { type EstimateOptions, estimateDeployment } from './estimate-deployment.ts';
export type * from './estimate-result.ts';
export { type PriceKey, type PriceList, priceKeys, priceOption } from './price-list.ts';
export { readPrices } from './read-prices.ts';
export type { SearchPoint, SearchReport } from './search-result.ts';
