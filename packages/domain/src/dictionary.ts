import { accounts } from './dictionary/accounts.js';
import { afterSales } from './dictionary/after-sales.js';
import { archive } from './dictionary/archive.js';
import { books } from './dictionary/books.js';
import { calendar } from './dictionary/calendar.js';
import { collection } from './dictionary/collection.js';
import { complaints } from './dictionary/complaints.js';
import { confidentiality } from './dictionary/confidentiality.js';
import { distributors } from './dictionary/distributors.js';
import { goods } from './dictionary/goods.js';
import { jobs } from './dictionary/jobs.js';
import type { Label } from './dictionary/label.js';
import { market } from './dictionary/market.js';
import { notices } from './dictionary/notices.js';
import { orders } from './dictionary/orders.js';
import { organisation } from './dictionary/organisation.js';
import { packaging } from './dictionary/packaging.js';
import { powers } from './dictionary/powers.js';
import { priceCuts } from './dictionary/price-cuts.js';
import { prices } from './dictionary/prices.js';
import { procedures } from './dictionary/procedures.js';
import { production } from './dictionary/production.js';
import { products } from './dictionary/products.js';
import { qualityForms } from './dictionary/quality-forms.js';
import { registers } from './dictionary/registers.js';
import { roles } from './dictionary/roles.js';
import { samples } from './dictionary/samples.js';
import { severity } from './dictionary/severity.js';
import { service } from './dictionary/service.js';
import { serviceComplaints } from './dictionary/service-complaints.js';
import { surveys } from './dictionary/surveys.js';

export type { Label, Language } from './dictionary/label.js';

/**
 * The words of the field in both languages. Keys are the names the software uses: roles, aggregates, states and moves
 * in kebab-case, fields in camelCase. Where one name means two things, the aggregate stands before it:
 * `distributor.trial` is not the `trial` production of a new variety.
 *
 * A new term is one line in the file of its area; `procedures` has the words that any procedure may use.
 */
export const areas = {
  samples,
  products,
  packaging,
  priceCuts,
  roles,
  procedures,
  orders,
  goods,
  prices,
  accounts,
  books,
  distributors,
  organisation,
  powers,
  service,
  severity,
  market,
  production,
  registers,
  archive,
  calendar,
  notices,
  jobs,
  confidentiality,
  collection,
  qualityForms,
  serviceComplaints,
  surveys,
  complaints,
  afterSales,
};

export const terms: Readonly<Record<string, Label>> = Object.assign({}, ...Object.values(areas));

/**
 * The label of a key, as the aggregate named understands it: `label('trial', 'distributor')`.
 * @throws Error for a key that is not in the dictionary
 */
export function label(key: string, aggregate?: string): Label {
  const found = find(key, aggregate);
  if (!found) throw new Error(`The dictionary has no "${key}"`);
  return found;
}

export function isTerm(key: string, aggregate?: string): boolean {
  return find(key, aggregate) !== undefined;
}

function find(key: string, aggregate?: string): Label | undefined {
  const keys = aggregate === undefined ? [key] : [`${aggregate}.${key}`, key];
  const known = keys.find((candidate) => Object.hasOwn(terms, candidate));
  return known === undefined ? undefined : terms[known];
}
