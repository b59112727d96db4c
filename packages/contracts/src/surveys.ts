import { z } from 'zod';
import { aggregate } from './event.js';
import { CalendarDate, Code, Id, Line, Note, Ref } from './wire.js';

/** What customers are asked after a delivery, after a complaint, and every half-year (C-18). Owned by complaints. */

/** CSAT of a delivery, CSAT of how a complaint was handled (ISO 10002 8.3): 1 to 5; NPS: 0 to 10 */
export const SurveyKind = z.enum(['delivery', 'complaint', 'nps']);
export type SurveyKind = z.infer<typeof SurveyKind>;
/** how the link was handed over */
export const SurveyWay = z.enum(['message', 'mail', 'visit']);

/** The system issues it: to a customer on the books, of one delivery or complaint, or of one half-year (`2026-H1`). */
export const surveyForm = z.object({
  kind: SurveyKind,
  distributorId: Ref('distributor'),
  aboutId: Id.optional(),
  aboutNumber: Line.optional(),
  period: Line.optional(),
});

const survey = {
  number: Line,
  kind: SurveyKind,
  distributorId: Id,
  distributorCode: Code,
  segment: Line,
  regionId: Id,
  salespersonId: Id.optional(),
  aboutId: Id.optional(),
  aboutNumber: Line.optional(),
  period: Line.optional(),
  issuedOn: CalendarDate,
  /** the last day on which it is answered */
  expiresOn: CalendarDate,
  /** when the customer got the link */
  deliveredOn: CalendarDate.optional(),
};

/** K-Q11 and K-Q12: `score` of `answered`; K-Q13: `answered` ÷ `delivered`. The link is in none of them. */
export const surveyEvents = aggregate(
  'complaints',
  'survey',
  {
    issued: survey,
    /** `way` is absent where nobody wrote down how, and the answer shows that it was */
    delivered: { ...survey, way: SurveyWay.optional() },
    answered: {
      ...survey,
      answeredOn: CalendarDate,
      score: z.int().min(0).max(10),
      comment: Note.optional(),
      /** the opinion that was recorded of a low score (C-17) */
      opinionId: Id.optional(),
    },
    expired: survey,
  },
  { clocks: true },
);
