import type { Sql } from '@fenxiao/messaging/sql';
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { z } from 'zod';
import { DomainError } from '@fenxiao/domain/domain-error';
import type { Powers } from '@fenxiao/procedures/procedure';
import { heldBy, powerTo, reachOf, type Actor, type Reach } from './actor.js';
import type { BulkReads } from './bulk-reads.js';
import { fieldErrors } from './closed.js';
import { present } from './commands.js';
import { deadlinesOf } from './deadlines.js';
import { discriminator, type AnyBound, type Entity } from './engine.js';
import type { PersonalKeys } from './personal-keys.js';
import { invalidQuery, noPower, notFound, outsideScope } from './errors.js';
import { conditionsOf, filterForms, runningBy, withRanges, type Running } from './filters.js';

/** Reading what a procedure keeps. What a person may not see is left out by the query itself (X-20, T32). */
export class Reads {
  constructor(
    private readonly orm: MikroORM,
    private readonly bulk: BulkReads,
    private readonly keys: PersonalKeys,
  ) {}

  /** One subject. @throws noPower, notFound, outsideScope */
  async one(actor: Actor, bound: AnyBound, id: string): Promise<{ version: number; body: Record<string, unknown> }> {
    const { name, clause } = bound.procedure;
    requireRead(actor, bound);
    const em = this.orm.em.fork();
    const options = bound.populate ? { populate: bound.populate } : {};
    const subject = (await em.findOne(bound.entity, { id, ...discriminator(bound) }, options)) as Entity | null;
    if (!subject) throw notFound({ what: name });
    if (!heldBy(actor, powerTo(actor, bound.procedure, 'read'), subject))
      throw new DomainError({ ...outsideScope.definition, rule: clause });
    this.bulk.count(actor, 1);
    const deadlines = await deadlinesOf(em, bound, [subject]);
    const [view] = await present(sqlOf(em), this.keys, bound, [subject], actor);
    return { version: subject.version, body: { ...view, deadlines: deadlines(subject) } };
  }

  /** A page, newest first; `next` is the cursor of the following one. */
  async list(actor: Actor, bound: AnyBound, query: unknown): Promise<Page> {
    requireRead(actor, bound);
    return this.page(actor, bound, parseQuery(listQuery(bound), query));
  }

  /** A page of what the actor may read, and what `within` reaches as well where that is narrower. */
  async page(actor: Actor, bound: AnyBound, query: PageQuery, within?: Powers): Promise<Page> {
    const asked = [powerTo(actor, bound.procedure, 'read'), ...(within ? [{ by: within }] : [])];
    const reaches = asked.map((power) => reachOf(actor, power) ?? nothing);
    const em = this.orm.em.fork();
    const found = await this.#find(em, bound, query, reaches);
    const items = found.slice(0, query.limit);
    const deadlines = await deadlinesOf(em, bound, items);
    this.bulk.count(actor, items.length);
    const views = await present(sqlOf(em), this.keys, bound, items, actor);
    return {
      items: items.map((subject, i) => ({ ...views[i], deadlines: deadlines(subject) })),
      next: found.length > query.limit ? items.at(-1)!.id : null,
    };
  }

  /**
   * One more than the page has, where there are so many. Somebody who sees several regions, or what is theirs in one way
   * or another, gets the first of each merged: so each is read from an index in the order of the list, and only so far.
   */
  async #find(
    em: SqlEntityManager,
    bound: AnyBound,
    { limit, cursor, state, region, ...own }: PageQuery,
    reaches: readonly Reach[],
  ): Promise<Entity[]> {
    const asked = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const names = asked.map(([name]) => name);
    const run = new Run(bound, runningBy(bound, names));
    const last = cursor === undefined ? undefined : await run.at(em, cursor);
    const [parts = [{}], ...alsoWithin] = reaches.filter(({ all }) => !all).map((reach) => partsOf(reach, region));
    if (last === null || [parts, ...alsoWithin].some(({ length }) => length === 0)) return [];
    const conditions = [
      discriminator(bound),
      ...(await conditionsOf(bound, asked, sqlOf(em))),
      ...(state ? [{ state }] : []),
      ...(region ? [{ region }] : []),
      ...alsoWithin.map((within) => ({ $or: within })),
    ];
    const wanted = (part: object) => ({ $and: [...conditions, ...(last ? run.after(last) : []), part] }) as never;
    const firstOf = (part: object) =>
      em
        .createQueryBuilder(bound.entity)
        .select('id')
        .where(wanted(part))
        .orderBy(run.order() as never)
        .limit(limit + 1);
    const [first, ...others] = parts;
    const where =
      others.length === 0 ? wanted(first!) : { id: { $in: firstOf(first!).unionAll(...others.map(firstOf)) } };
    const options = { orderBy: run.order(), limit: limit + 1, disableIdentityMap: true };
    return (await em.find(bound.entity, where, options as never)) as Entity[];
  }
}

/** The order of a list: backwards by a column and then by the id, or by the id alone. */
class Run {
  constructor(
    private readonly bound: AnyBound,
    private readonly by: Running | undefined,
  ) {}

  order(): object[] {
    return [...(this.by ? [{ [this.by.key]: 'desc' }] : []), { id: 'desc' }];
  }

  /** Where an item stands in the list; null: there is no such item, so nothing comes after it. */
  async at(em: SqlEntityManager, id: string): Promise<{ id: string; value?: unknown } | null> {
    if (!this.by) return { id };
    const { column } = this.by;
    const where = { id, ...discriminator(this.bound) } as never;
    const found = (await em.findOne(this.bound.entity, where, { fields: [column] as never })) as Row | null;
    return found && { id, value: found[column] };
  }

  after({ id, value }: { id: string; value?: unknown }): object[] {
    if (!this.by) return [{ id: { $lt: id } }];
    return [{ [this.by.key]: { $lte: value } }, { $or: [{ [this.by.key]: { $lt: value } }, { id: { $lt: id } }] }];
  }
}

type Row = Readonly<Record<string, unknown>>;

const nothing: Reach = { all: false, regions: [], units: [], own: [] };

/** The parts of a list that a reach lets through, each by one value of one column; none: nothing. */
function partsOf({ all, regions, units, own }: Reach, region?: string): object[] {
  // who sees the region that is asked for sees all of it
  if (all || (region !== undefined && regions.includes(region))) return [{}];
  return [
    ...(region === undefined ? [...new Set(regions)].map((seen) => ({ region: seen })) : []),
    ...[...new Set(units)].map((unit) => ({ unit })),
    ...own.flatMap((person) => [{ createdBy: person }, { owner: person }]),
  ];
}

const sqlOf = (em: SqlEntityManager): Sql => ({
  query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    (await em.getKysely().executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows,
});

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state?: string | undefined;
  readonly region?: string | undefined;
  /** the binding's own filters */
  readonly [filter: string]: unknown;
}

export interface Page {
  readonly items: readonly Record<string, unknown>[];
  readonly next: string | null;
}

type ListQuery = ReturnType<typeof makeListQuery>;
const queries = new WeakMap<AnyBound, ListQuery>();

/** The query of a list: paging, state, region, and the filters the binding names. */
export function listQuery(bound: AnyBound): ListQuery {
  const query = queries.get(bound) ?? makeListQuery(bound);
  queries.set(bound, query);
  return query;
}

const makeListQuery = (bound: AnyBound) =>
  withRanges(
    z.strictObject({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.uuid().optional(),
      ...filterForms(bound),
    }),
  );

/** @throws invalidQuery */
export function parseQuery<S extends z.ZodType>(schema: S, query: unknown): z.infer<S> {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error);
  throw invalidQuery(
    { count: errors.length, first: `${errors[0]!.field}: ${errors[0]!.message}` },
    { extra: { errors } },
  );
}

function requireRead(actor: Actor, bound: AnyBound): Reach {
  const { read, name, clause } = bound.procedure;
  const reach = reachOf(actor, powerTo(actor, bound.procedure, 'read'));
  if (reach) return reach;
  throw new DomainError(
    { ...noPower.definition, rule: clause },
    { move: `read ${name}`, roles: Object.keys(read).join(', ') },
  );
}
