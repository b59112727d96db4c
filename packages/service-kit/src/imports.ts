import { createHash } from 'node:crypto';
import { ImportAnswer, ImportBatch, imports, type ImportKind, type ImportRow } from '@fenxiao/contracts/imports';
import { DomainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import { Body, Controller, HttpCode, Inject, Post, type Type } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { hasRole, type Actor } from './actor.js';
import { Who } from './auth.js';
import { noPower } from './errors.js';
import { parseForm, type Base, type Entity } from './engine.js';
import { problems } from './routes.js';
import { Transactions, type Work } from './work.js';

export type Outcome = z.infer<typeof ImportAnswer>['results'][number];

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
  const { row } = imports[kind];

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
    @ApiBody({
      schema: z.toJSONSchema(ImportBatch.extend({ rows: z.array(row) }), {
        target: 'openapi-3.0',
        io: 'input',
      }) as object,
    })
    @ApiResponse({
      status: 200,
      description: 'An outcome per row, in order',
      schema: z.toJSONSchema(ImportAnswer, { target: 'openapi-3.0' }) as object,
    })
    async load(@Who() actor: Actor, @Body() body: unknown): Promise<z.infer<typeof ImportAnswer>> {
      if (!hasRole(actor, importer))
        throw new DomainError({ ...noPower.definition, rule }, { move: 'record-historic', roles: 'importer' });
      const { rows, importId, dryRun } = parseForm(ImportBatch, body) as z.infer<typeof ImportBatch>;
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
      let next = 0;
      return { results: parsed.map(({ error }) => (error ? rejectedBy(error) : outcomes[next++]!)) };
    }
  }
  for (const decorator of problems(400, 401, 403))
    decorator(ImportController.prototype, 'load', Object.getOwnPropertyDescriptor(ImportController.prototype, 'load')!);
  Object.defineProperty(ImportController, 'name', { value: `import ${kind}` });
  return ImportController;
}

const rejectedBy = (error: z.ZodError): Outcome => ({
  outcome: 'rejected',
  errors: error.issues.map(({ path, code, message }) => ({ field: path.join('.'), code: `request.${code}`, message })),
});

/** The outcome of a row a rule refuses. */
export const rejected = (error: DomainError, field = error.field ?? ''): Outcome => ({
  outcome: 'rejected',
  errors: [{ field, code: error.code, message: error.message }],
});

const countOf = (outcomes: readonly Outcome[]) =>
  Object.fromEntries([...Map.groupBy(outcomes, ({ outcome }) => outcome)].map(([outcome, of]) => [outcome, of.length]));

/** What came in under a key before: the same content again changes nothing. */
export interface Seen {
  readonly id: string;
  readonly digest: Buffer;
}

/** What was brought in before. Batches of one kind are taken one at a time, so that none is doubled. */
export async function seenBefore(
  work: Work,
  kind: ImportKind,
  keys: readonly { key: string }[],
): Promise<Map<string, Seen>> {
  await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`import ${kind}`]);
  const found = await work.query<{ key: string; id: string; digest: Buffer }>(
    'SELECT key, id, digest FROM imported WHERE kind = $1 AND key = ANY($2)',
    [kind, keys.map(({ key }) => key)],
  );
  return new Map(found.map(({ key, id, digest }) => [key, { id, digest }]));
}

/** Remembers what was brought in, by the key of its source; of several rows with one key, the last. */
export async function remember(
  work: Work,
  kind: ImportKind,
  rows: readonly { key: string; id: string; digest: Buffer }[],
): Promise<void> {
  const last = [...new Map(rows.map((row) => [row.key, row])).values()];
  if (last.length === 0) return;
  await work.query(
    `INSERT INTO imported (kind, key, id, digest) SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::bytea[])
     ON CONFLICT (kind, key) DO UPDATE SET digest = excluded.digest`,
    [kind, last.map(({ key }) => key), last.map(({ id }) => id), last.map(({ digest }) => digest)],
  );
}

/** A subject that comes in from the books of the past, in the state it had there. */
export const historic = (work: Work, state: string): Base => ({
  ...{ id: newId(), state, version: 1, events: 0, region: null, unit: null, createdBy: work.actor.person },
  ...{ owner: null, approvals: [], createdAt: work.now, enteredAt: work.now },
});

/** History enters by one move of the import role: `record-historic`. */
export const stampOf = (subject: Pick<Entity, 'state' | 'region'>, procedure: string, rule: string) => ({
  ...{ role: 'importer', rule, region: subject.region ?? undefined },
  move: { procedure, name: 'record-historic', to: subject.state },
});

export const digestOf = (row: unknown): Buffer => createHash('sha256').update(JSON.stringify(row)).digest();
