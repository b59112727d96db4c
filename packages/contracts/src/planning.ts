import { z } from 'zod';
import { aggregate } from './event.js';
import { CalendarDate, Code, Currency, Id, Line, Note, PositiveAmount, QuantityText, Ref } from './wire.js';

/** Market observations and competitors (P-41, P-42 in part), owned by planning. */

export const Confidence = z.enum(['low', 'medium', 'high']);

/** A vendor of the market. One of them may be us: the choice decides whose share is shown. */
export const competitorEvents = aggregate('planning', 'competitor', {
  registered: { code: Code, name: Line },
  'chosen-as-us': { code: Code, name: Line },
});

/**
 * What one source says a vendor sold: month × region × category × vendor. A vendor nobody registered counts as
 * `other` in the denominators and keeps the name it came with.
 */
export const marketObservationEvents = aggregate('planning', 'market-observation', {
  recorded: {
    /** first day of the month */
    month: CalendarDate,
    regionId: Ref('region'),
    category: Line,
    /** code of the registered competitor, or `other` */
    vendor: Code,
    vendorName: Line,
    value: PositiveAmount,
    volume: QuantityText.optional(),
    currency: Currency,
    source: Line,
    confidence: Confidence,
    note: Note.optional(),
    /** the import it came with */
    importId: Id.optional(),
  },
});
