import { z } from 'zod';
import { aggregate, once } from './event.js';
import { CalendarDate, Code, Id, Instant, Line, Note } from './wire.js';

/** Facts of the platform, published on the acting service's topic. */

/**
 * A move that a rule refused (its own transaction: the refused one rolled back). `subject` is the refusal; what it was
 * about stands in the data.
 */
export const refusal = once((service) =>
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
  }),
);

/** `subject` is the sealed document. */
export const documentEvents = once((service) =>
  aggregate(service, 'document', {
    sealed: {
      procedure: Line,
      /** the aggregate it records, and the number people call it by */
      about: Id,
      number: Line.optional(),
      /** 1, then one more each time it was opened again and closed */
      version: z.int().min(1),
      state: Line,
      /** SHA-256 of its canonical JSON, hex */
      hash: z.string().regex(/^[\da-f]{64}$/),
      /** the last day it is kept */
      retainUntil: CalendarDate,
      holders: z.array(z.object({ holder: Line, kind: z.enum(['original', 'copy']) })),
    },
    /** the original or a copy went to somebody, or came back */
    copied: {
      procedure: Line,
      copyId: Id,
      holder: Line,
      kind: z.enum(['original', 'copy']),
      where: Line,
      returned: z.boolean().optional(),
    },
  }),
);

/** what the daily verification of the audit chain found. `subject` is the verification. */
export const auditEvents = once((service) =>
  aggregate(service, 'audit', {
    'chain-verified': { verified: z.int().min(0), links: z.int().min(0) },
    'chain-broken': {
      /** links that hold before the first that does not */
      verified: z.int().min(0),
      links: z.int().min(0),
      /** its number; `none` for an entry that was kept out of the chain */
      link: Line,
      /** the entry's number in the audit */
      entry: Line,
    },
  }),
);

/** Whom a notice is for: persons by name, or whoever holds a power over the object it is about. */
export const Audience = z.object({
  persons: z.array(Id).max(200).optional(),
  /** role → how far (`own`, `region`, `unit`, `all`), as in a procedure */
  powers: z.record(z.string(), z.string()).optional(),
  /** of the object: what `region`, `unit` and `own` are measured by */
  region: Id.optional(),
  unit: Code.optional(),
  createdBy: Line.optional(),
  owner: Line.optional(),
  /** persons who are not told although they hold a power: they made it, or have decided already */
  except: z.array(Line).max(200).optional(),
});
export type Audience = z.infer<typeof Audience>;

/**
 * Somebody has to know, or to act: whoever finds it publishes it, the console delivers it. `subject` is the notice, so
 * each is an aggregate of one event.
 */
export const noticeEvents = once((service) =>
  aggregate(service, 'notice', {
    requested: {
      /** open: a kind added later must not break who reads this; `approval`, `reminder`, `breach`, `alert`, `task`, `information` */
      kind: Line,
      procedure: Line,
      /** the aggregate it is about, and the number people call it by */
      about: Id.optional(),
      number: Line.optional(),
      /** where the object is read: the path segment of its procedure; absent: the procedure's name and `s` */
      path: Line.optional(),
      /** the move that is waited for */
      move: Line.optional(),
      state: Line.optional(),
      dueAt: Instant.optional(),
      detail: Note.optional(),
      to: Audience,
    },
  }),
);

/** data went out of the system as a file, or somebody reads more than the work of an hour takes. */
export const exportEvents = once((service) =>
  aggregate(service, 'data', {
    /** published before the first byte leaves; `subject` is the export */
    exported: { procedure: Line, format: Line, filters: z.record(z.string(), z.string()) },
    /** the end, also of one the client broke off; absent when the process was killed meanwhile */
    'export-ended': {
      procedure: Line,
      rows: z.int().min(0),
      complete: z.boolean(),
      /** SHA-256 of the bytes handed over, hexadecimal */
      digest: Line,
    },
  }),
);
export const bulkReadEvents = once((service) =>
  aggregate(service, 'bulk-read', {
    /** at most once per person and hour */
    detected: { personId: Id, rows: z.int().min(1), limit: z.int().min(1) },
  }),
);
