// Which level a member opens to.

const FINER: Record<string, string> = {
  'region.country': 'region.state',
  'region.state': 'region.district',
  'region.government_district': 'region.district',
  'region.district': 'region.municipality',
  'region.postal_1': 'region.postal_2',
  'region.postal_2': 'region.postal_3',
  'region.postal_3': 'region.postal',
  'region.nuts_1': 'region.nuts_2',
  'region.nuts_2': 'region.nuts_3',
  'time.year': 'time.quarter',
  'time.fiscal_year': 'time.quarter',
  'time.quarter': 'time.month',
  'time.month': 'time.day',
  'product.category': 'product.product',
};

/** The finest levels: their members open to nothing. */
const FINEST: readonly string[] = ['account.account', 'product.product', 'time.day', 'time.week', 'sale.currency'];

/** The next finer level; customers below regions and whatever else a customer has one of. */
export function finerOf(level: string): string | null {
  if (FINEST.includes(level)) return null;
  return FINER[level] ?? 'account.account';
}
