import { z } from 'zod';
import { aggregate } from './event.js';
import { CalendarDate, Code, Line, Note, Price, QuantityText, Ref } from './wire.js';

/** O-43: in what a product is packed and sold, from when. Owned by orders. */

export const packagingTerms = {
  /** what it is sold by, such as `carton` */
  salesUnit: Line,
  /** how many base units, in which stock and prices are kept, one package holds */
  unitsPerPackage: QuantityText,
  /** part of a package is not sold */
  wholePackagesOnly: z.boolean(),
  validFrom: CalendarDate,
};
export const packagingForm = z.object({ productCode: Code, ...packagingTerms, note: Note.optional() });

const packaging = {
  productId: Ref('product'),
  productCode: Code,
  baseUnit: Line,
  ...packagingTerms,
  note: Note.optional(),
  /** the packaging that held until then; absent for the first */
  before: z.object(packagingTerms).optional(),
};
export const packagingEvents = aggregate('orders', 'packaging', { changed: packaging, withdrawn: packaging });

/** What a line says of its packaging. The quantity in base units and the price per base unit count; these are for people to read. */
export const packagedLine = {
  salesUnit: Line.optional(),
  unitsPerPackage: QuantityText.optional(),
  /** rounded to three decimals where it is no whole number */
  packages: QuantityText.optional(),
  /** per sales unit, rounded to four decimals */
  packagePrice: Price.optional(),
  listPackagePrice: Price.optional(),
};
