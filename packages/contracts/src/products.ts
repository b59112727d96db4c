import { z } from 'zod';
import { formEvents } from './event.js';
import { productShape } from './prices.js';
import { Line, Note, Ref } from './wire.js';

/** O-40: ideas for products, from where they come to the market. Owned by orders. */

export const ideaForm = z.object({
  title: Line,
  description: Note,
  source: z.enum(['survey', 'visit', 'complaint', 'trial']),
  /** number of the survey, visit, complaint or trial it comes from */
  sourceNumber: Line,
});

const { launchedOn: _, ...launched } = productShape;
export const ideaLaunchForm = z.object(launched);
export const ideaAssessment = z.object({ demand: Note, feasibility: Note });

export const ideaEvents = formEvents('orders', 'idea', ideaForm, {
  registered: {},
  assessed: ideaAssessment.shape,
  approved: {},
  'development-started': {},
  'trial-started': {},
  /** the new product, by its code */
  launched,
  dropped: {},
});

/** O-44: a design for an idea, in appearance or function; photographs of its samples by name and SHA-256. */
export const designForm = z.object({
  ideaId: Ref('idea'),
  type: z.enum(['appearance', 'function']),
  design: Note,
  photographs: z
    .array(z.object({ file: Line, digest: z.string().regex(/^[0-9a-f]{64}$/) }))
    .min(1)
    .max(20),
});
/** from 1, they would not buy it, to 5, they would buy it at once; rounded from so many customers' answers */
export const designReaction = z.object({ score: z.int().min(1).max(5), customersAsked: z.int().min(1).max(100_000) });
export const designEvents = formEvents('orders', 'design-proposal', designForm, {
  proposed: {},
  judged: designReaction.shape,
});
