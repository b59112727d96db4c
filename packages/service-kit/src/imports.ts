import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ImportAnswer, ImportBatch, imports, type ImportKind, type ImportRow } from '@fenxiao/contracts/imports';
import { DomainError, domainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import { Body, Controller, Headers, HttpCode, Inject, Post, type Type } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor } from './actor.js';
import { Who } from './auth.js';
import { closed, fieldErrors } from './closed.js';
import { parseForm, requirePower } from './checks.js';
import type { Base, Entity } from './engine.js';
import { inWords, languageOf } from './problem.js';
import { openapi } from './openapi.js';
import { Transactions, type Work } from './work.js';

type Answered = z.infer<typeof ImportAnswer>['results'][number];

/** What became of a row. One a rule refuses says which; readers get it in their language. */
export type Outcome =
  | (Answered & { readonly outcome: 'created' | 'changed' | 'unchanged' })
  | { readonly outcome: 'rejected'; readonly error: DomainError; readonly field: string; readonly id?: undefined };

/** Takes the rows of one kind. Rows given have the right form; each gets an outcome, in order, none throws for one row. */
export interface Loader<K extends ImportKind = ImportKind> {
  readonly kind: K;
  readonly rule: string;
  readonly load: (rows: readonly ImportRow<K>[], work: Work, importId: string) => Promise<Outcome[]>;
}

/** A loader of whatever kind, as lists hold it. */
// oxlint-disable-next-line typescript/no-explicit-any -- variance: each is checked where it is declared
export type AnyLoader = Loader<any>;

const importer = { importer: 'all' } as const;

/**
 * `POST /imports/{kind}` for a loader: rows are checked one by one, good ones go on, in one transaction per batch. Only
 * the import role may; one audit entry per batch, since every row's own facts are published.
 */
export function importController(loader: AnyLoader): Type {
  const { kind, rule } = loader as Loader;
  const row = closed(imports[kind].row);
  const other = z.looseObject({}).meta({ description: 'a row of another form is rejected, and only that row' });
  const rows = ImportBatch.shape.rows.clone({
    ...ImportBatch.shape.rows.def,
    element: z.union([row, other]) as never,
  });

  @Controller('imports')
  @ApiTags('imports')
  @ApiBearerAuth()
  class ImportController {
    constructor(@Inject(Transactions) private readonly transactions: Transactions) {}

    @Post(kind)
    @HttpCode(200)
    @ApiOperation({
      summary: `Bring in ${kind} (record-historic)`,
      description: 'Each row is tried on its own; running again never doubles.',
    })
    @ApiBody({ schema: openapi(closed(ImportBatch.extend({ rows }))) })
    @ApiResponse({ status: 200, description: 'An outcome per row, in order', schema: openapi(ImportAnswer, 'output') })
    async load(
      @Who() actor: Actor,
      @Headers() headers: IncomingHttpHeaders,
      @Body() body: unknown,
    ): Promise<z.infer<typeof ImportAnswer>> {
      requirePower(actor, importer, 'record-historic', rule);
      const { rows, importId, dryRun } = parseForm(ImportBatch, body);
      const parsed = rows.map((candidate) => row.safeParse(candidate));
      const good = parsed.flatMap(({ data }) => (data ? [data] : []));
      const run = (work: Work) =>
        good.length > 0 ? loader.load(good, work, importId) : Promise.resolve<Outcome[]>([]);
      const outcomes = dryRun
        ? await this.transactions.tryOut(actor, run)
        : await this.transactions.run(actor, async (work) => {
            const made = await run(work);
            work.record({
              procedure: kind,
              move: 'record-historic',
              outcome: 'done',
              rule,
              role: 'importer',
              after: { importId, ...countOf(made) },
            });
            return made;
          });
      const language = languageOf({ headers });
      let next = 0;
      return { results: parsed.map(({ error }) => (error ? misread(error) : answered(outcomes[next++]!, language))) };
    }
  }
  Object.defineProperty(ImportController, 'name', { value: `import ${kind}` });
  return ImportController;
}

const misread = (error: z.ZodError): Answered => ({
  outcome: 'rejected',
  errors: fieldErrors(error).map(({ field, code, message }) => ({ field, code: `request.${code}`, message })),
});

const answered = (outcome: Outcome, language: 'en' | 'zh'): Answered => {
  if (outcome.outcome !== 'rejected') return outcome;
  const { error, field } = outcome;
  return { outcome: 'rejected', errors: [{ field, code: error.code, message: inWords(error, language) }] };
};

/** The outcome of a row a rule refuses. */
export const rejected = (error: DomainError, field = error.field ?? ''): Outcome => ({
  outcome: 'rejected',
  error,
  field,
});

const countOf = (outcomes: readonly Outcome[]) =>
  Object.fromEntries([...Map.groupBy(outcomes, ({ outcome }) => outcome)].map(([outcome, of]) => [outcome, of.length]));

/** What came in under a key before: the same content again changes nothing. */
export interface Seen {
  readonly id: string;
  readonly digest: Buffer;
}

interface Keyed<K extends ImportKind> {
  readonly row: ImportRow<K>;
  readonly key: string;
  readonly digest: Buffer;
}

/**
 * Rows with their key and digest, and what was brought in under those keys before. Batches of one kind are taken one at
 * a time, so that none is doubled.
 */
export async function seenBefore<K extends ImportKind>(
  work: Work,
  kind: K,
  rows: readonly ImportRow<K>[],
): Promise<{ keyed: Keyed<K>[]; seen: Map<string, Seen> }> {
  const keyed = rows.map((row) => ({ row, key: keyOf(kind, row), digest: digestOf(row) }));
  await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`import ${kind}`]);
  const found = await work.query<{ key: string; id: string; digest: Buffer }>(
    'SELECT key, id, digest FROM imported WHERE kind = $1 AND key = ANY($2)',
    [kind, keyed.map(({ key }) => key)],
  );
  return { keyed, seen: new Map(found.map(({ key, id, digest }) => [key, { id, digest }])) };
}

const keyOf = (kind: ImportKind, row: Readonly<Record<string, unknown>>) =>
  imports[kind].key.map((field) => `${(row[field] as string | boolean | undefined) ?? ''}`).join(' ');

/** Remembers what was brought in, by the key of its source; of several rows with one key, the last. @returns those rows */
export async function remember<K extends ImportKind>(
  work: Work,
  kind: K,
  keyed: readonly Keyed<K>[],
  outcomes: readonly Outcome[],
): Promise<(Keyed<K> & { readonly id: string })[]> {
  const brought = keyed.flatMap((row, i) => {
    const { outcome, id } = outcomes[i]!;
    return (outcome === 'created' || outcome === 'changed') && id ? [{ ...row, id }] : [];
  });
  const last = [...new Map(brought.map((row) => [row.key, row])).values()];
  if (last.length === 0) return [];
  await work.query(
    `INSERT INTO imported (kind, key, id, digest) SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::bytea[])
     ON CONFLICT (kind, key) DO UPDATE SET digest = excluded.digest`,
    [kind, last.map(({ key }) => key), last.map(({ id }) => id), last.map(({ digest }) => digest)],
  );
  return brought;
}

/** A subject that comes in from the books of the past, in the state it had there. */
export const historic = (work: Work, state: string): Base => ({
  id: newId(),
  state,
  version: 1,
  events: 0,
  region: null,
  unit: null,
  createdBy: work.actor.person,
  owner: null,
  approvals: [],
  createdAt: work.now,
  enteredAt: work.now,
});

/** History enters by one move of the import role: `record-historic`. */
export const stampOf = (subject: Pick<Entity, 'state' | 'region'>, procedure: string, rule: string) => ({
  role: 'importer',
  rule,
  region: subject.region ?? undefined,
  move: { procedure, name: 'record-historic', to: subject.state },
});

const digestOf = (row: unknown): Buffer => createHash('sha256').update(JSON.stringify(row)).digest();

/** History is corrected by moves that say so, never overwritten by a second import. */
export const recordedOtherwise = domainError({
  code: 'import.recorded-otherwise',
  kind: 'conflict',
  en: '{number} was recorded before with other content; history is corrected, not overwritten.',
  zh: '{number}此前已按其他内容登记；历史数据只能更正，不能覆盖。',
});

/** The number is that of something live, or of an earlier row of the file. */
export const numberTaken = domainError({
  code: 'import.number-taken',
  kind: 'conflict',
  en: 'The number {number} is taken by something else.',
  zh: '编号{number}已被其他单据占用。',
});
