import type { Procedure } from '@fenxiao/procedures/procedure';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';
import { subjectColumns } from './columns.js';
import type { Base, Bound, Entity } from './engine.js';
import type { Filter } from './filters.js';
import { documentNumber } from './numbers.js';
import type { Work } from './work.js';

const FormDocumentSchema = defineEntity({
  name: 'FormDocument',
  tableName: 'form_document',
  properties: (p) => ({
    ...subjectColumns,
    procedure: p.text(),
    number: p.text().strictNullable(),
    form: p.json<Record<string, unknown>>(),
  }),
});
/** A form with states: its declaration is all there is to it. */
export class FormDocument extends FormDocumentSchema.class {}
FormDocumentSchema.setClass(FormDocument);

interface FormOptions<P extends Procedure, Form = z.infer<P['start']['form']>> {
  /** numbered without gaps per year, such as `YB-2026-000001`; absent: no number */
  readonly series?: string;
  /** region that decides who sees it; default: the maker's */
  readonly region?: (form: Form, work: Work) => string | null | Promise<string | null>;
  /** the person it belongs to, where that is not its maker */
  readonly owner?: (form: Form) => string | null;
  /** what opening it does beside storing it; throws the rule's refusal */
  readonly onOpen?: (form: Form, work: Work) => void | Promise<void>;
  /** what a move does beside adding its own form to the document */
  readonly effects?: {
    readonly [K in keyof P['moves']]?: (document: FormDocument, form: never, work: Work) => void | Promise<void>;
  };
  /** what follows once a move, or the opening, is made and published */
  readonly follows?: {
    readonly [K in keyof P['moves'] | P['start']['move']]?: (
      document: Entity & FormDocument,
      work: Work,
    ) => void | Promise<void>;
  };
  readonly filters?: Readonly<Record<string, Filter>>;
}

/**
 * Binds a form-with-states: stored as a document, its events derived from its form (`formEvents`). A move's own form
 * is added to the document under its field names.
 */
export function bindForm<P extends Procedure>(
  procedure: P,
  options: FormOptions<P> = {},
): Bound<Entity & FormDocument, P> {
  type Form = z.infer<P['start']['form']>;
  const own = options.effects as
    Record<string, (document: FormDocument, form: object, work: Work) => unknown> | undefined;
  const effectOf = (move: string) => (document: FormDocument, form: object, work: Work) => {
    document.form = { ...document.form, ...form };
    return own?.[move]?.(document, form, work);
  };
  const startFields = new Set(Object.keys(procedure.start.form.shape));
  const fact = (document: FormDocument, form: object) => ({
    ...(document.number ? { number: document.number } : {}),
    state: document.state,
    form: Object.fromEntries(Object.entries(document.form).filter(([field]) => startFields.has(field))),
    ...Object.fromEntries(Object.entries(form).filter(([field]) => !startFields.has(field))),
  });
  const facts = Object.keys(procedure.events).map((name) => [name, fact]);
  const effects = Object.keys(procedure.moves).map((name) => [name, effectOf(name)]);
  return {
    procedure,
    entity: FormDocument,
    shared: true,
    create: async (form: Form, work: Work, base: Base) => {
      await options.onOpen?.(form, work);
      const region = options.region ? await options.region(form, work) : base.region;
      const number = options.series ? await documentNumber(work, options.series, work.today) : null;
      return work.em.create(FormDocument, {
        ...base,
        region,
        owner: options.owner?.(form) ?? base.owner,
        procedure: procedure.name,
        number,
        form: form,
      });
    },
    effects: Object.fromEntries(effects),
    ...(options.follows ? { follows: options.follows } : {}),
    facts: Object.fromEntries(facts),
    view: ({ number, form, region, createdBy }: FormDocument) => ({ number, region, createdBy, form }),
    ...(options.filters ? { filters: options.filters } : {}),
  } as unknown as Bound<Entity & FormDocument, P>;
}
