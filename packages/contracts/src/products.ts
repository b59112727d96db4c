import { z } from 'zod';
import { formEvents } from './event.js';
import { productShape } from './orders.js';
import { Line, Note } from './wire.js';

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
