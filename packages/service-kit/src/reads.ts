import type { MikroORM } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { DomainError } from '@fenxiao/domain/domain-error';
import { classesOf } from '@fenxiao/procedures/classes';
import type { Powers } from '@fenxiao/procedures/procedure';
import { heldBy, powerTo, reachOf, type Actor, type Reach } from './actor.js';
import type { BulkReads } from './bulk-reads.js';
import { fieldErrors } from './closed.js';
import { present } from './commands.js';
import { deadlinesOf } from './deadlines.js';
import { discriminator, type AnyBound, type Entity } from './engine.js';
import { invalidQuery, noPower, notFound, outsideScope } from './errors.js';

/** Reading what a procedure keeps. What a person may not see is left out by the query itself (X-20, T32). */
export class Reads {
  constructor(
    private readonly orm: MikroORM,
    private readonly bulk: BulkReads,
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
    const body = { ...present(bound, subject, actor), deadlines: deadlines(subject) };
    return { version: subject.version, body };
  }

  /** A page, newest first; `next` is the cursor of the following one. */
  async list(actor: Actor, bound: AnyBound, query: unknown): Promise<Page> {
    requireRead(actor, bound);
    return this.page(actor, bound, parseQuery(listQuery(bound), query));
  }

  /** A page of what the actor may read, and what `within` reaches as well where that is narrower. */
  async page(actor: Actor, bound: AnyBound, query: PageQuery, within?: Powers): Promise<Page> {
    const { limit, cursor, state, region, ...rest } = query;
    const asked = [powerTo(actor, bound.procedure, 'read'), ...(within ? [{ by: within }] : [])];
    const reaches = asked.map((power) => reachOf(actor, power) ?? nothing);
    const filters = Object.entries(rest).map(([name, value]) => [bound.filters?.[name] as string, value]);
    const where = {
      ...discriminator(bound),
      ...Object.fromEntries(filters),
      ...(state ? { state } : {}),
      ...(region ? { region } : {}),
      ...(cursor ? { id: { $lt: cursor } } : {}),
      $and: reaches.filter(({ all }) => !all).map((reach) => ({ $or: seenBy(reach) })),
    };
    const em = this.orm.em.fork();
    const found = (await em.find(bound.entity, where as never, {
      orderBy: { id: 'desc' } as never,
      limit: limit + 1,
      disableIdentityMap: true,
    })) as Entity[];
    const items = found.slice(0, limit);
    const deadlines = await deadlinesOf(em, bound, items);
    this.bulk.count(actor, items.length);
    return {
      items: items.map((subject) => ({ ...present(bound, subject, actor), deadlines: deadlines(subject) })),
      next: found.length > limit ? items.at(-1)!.id : null,
    };
  }
}

const nothing: Reach = { all: false, regions: [], units: [], own: [] };

/** What a reach lets through; an empty list lets nothing through. */
const seenBy = (reach: Reach) => [
  { region: { $in: reach.regions } },
  { unit: { $in: reach.units } },
  { createdBy: { $in: reach.own } },
  { owner: { $in: reach.own } },
];

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

function makeListQuery(bound: AnyBound) {
  const { states } = bound.procedure as { states: readonly string[] };
  const { personal } = classesOf(bound.procedure);
  const searched = Object.keys(bound.filters ?? {}).find((name) => personal.has(name));
  if (searched) throw new Error(`${bound.procedure.name}: ${searched} is masked, so it can't be searched for`);
  const filters = Object.keys(bound.filters ?? {}).map((name) => [name, filter(name).optional()] as const);
  return z.strictObject({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z.uuid().optional(),
    state: z.enum(states as [string, ...string[]]).optional(),
    region: z.uuid().optional(),
    ...Object.fromEntries(filters),
  });
}

/** By its name, as everywhere: `…Id` is an id, `…On` a day, and so is a month, which goes by its first. */
function filter(name: string): z.ZodType {
  if (name.endsWith('Id')) return z.uuid();
  if (name.endsWith('On') || name === 'month') return z.iso.date();
  return z.string().min(1).max(200);
}

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
