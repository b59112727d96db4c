import { Id, Instant, Line } from '@fenxiao/contracts/wire';
import { staff } from '@fenxiao/procedures/powers';
import type { Powers } from '@fenxiao/procedures/procedure';
import { hasRole, type Actor } from '@fenxiao/service-kit/actor';
import { z } from 'zod';
import type { Attached } from './attached.js';

/**
 * who gets what of a file. A distributor gets what the customer attached and what our people marked for the customer, and is
 * told nothing of where and when others took their photographs, whatever else somebody of that role holds.
 */
const insiders: Powers = { ...staff, distributor: 'never' };

export const isInsider = (actor: Actor) => hasRole(actor, insiders);

/** Whether it is there at all for this person. */
export const isFor = (actor: Actor, { uploadedBy, forCustomer }: Attached) =>
  forCustomer || uploadedBy === actor.person || isInsider(actor);

/** Whether this person has it as it was uploaded. */
export const maySeeAll = (actor: Actor, { uploadedBy }: Attached) => uploadedBy === actor.person || isInsider(actor);

const others = { description: 'only for staff and for whoever uploaded it' };
export const attachedView = z.object({
  n: z.int(),
  name: z.string(),
  type: z.string().meta({ description: 'by its content' }),
  size: z.int(),
  whole: z
    .boolean()
    .nullable()
    .meta({ description: 'of a photograph: it can be read to its end, and counts (C-10); null: it is none' }),
  sha256: z.string().meta({ description: 'of the file as it was uploaded' }),
  takenAt: Instant.nullable().meta(others),
  place: Line.nullable().meta(others),
  latitude: z.string().nullable().meta(others),
  longitude: z.string().nullable().meta(others),
  forCustomer: z.boolean().meta({ description: 'the customer sees it' }),
  uploadedBy: Id,
  uploadedAt: Instant,
  erasedAt: Instant.nullable().meta({ description: 'the file is gone, and what told of a person (X-20)' }),
});

export const view = (actor: Actor, attached: Attached): z.infer<typeof attachedView> =>
  maySeeAll(actor, attached) ? attached : { ...attached, takenAt: null, place: null, latitude: null, longitude: null };
