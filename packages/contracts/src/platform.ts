import { z } from 'zod';
import { aggregate } from './event.js';

/**
 * Facts of the platform, published on the acting service's topic: a move that a rule refused (its own transaction: the
 * refused one rolled back). `subject` is the refusal; what it was about stands in the data.
 */
export function refusal(service: string) {
  const known = refusals.get(service) ?? declare(service);
  refusals.set(service, known);
  return known;
}

const refusals = new Map<string, ReturnType<typeof declare>>();

const declare = (service: string) =>
  aggregate(service, 'move', {
    refused: {
      procedure: z.string(),
      move: z.string(),
      /** the aggregate, when the move was about an existing one */
      about: z.string().optional(),
      state: z.string().optional(),
      /** stable error code, such as `procedure.move-not-allowed` */
      code: z.string(),
      kind: z.string(),
      detail: z.string().max(2000),
    },
  });
