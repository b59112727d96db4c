import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Language } from '@fenxiao/domain/dictionary';
import { newId } from '@fenxiao/domain/id';
import { system, type Actor } from '@fenxiao/service-kit/actor';
import { parseForm } from '@fenxiao/service-kit/checks';
import { notFound, notReady } from '@fenxiao/service-kit/errors';
import { CONFIG, LOGGER } from '@fenxiao/service-kit/service';
import { Transactions, type Work } from '@fenxiao/service-kit/work';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Token } from '@fenxiao/service-kit/client-token';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ConsoleConfig } from '../config.js';
import { CannotImport } from './refusals.js';
import { runImport, type Progress } from './run.js';
import { Services } from './services.js';
import type { Upload } from './uploads.js';

export interface JobOptions {
  readonly dryRun: boolean;
  readonly allOrNothing: boolean;
  readonly language: Language;
}

/** A job as it is read: its state, how far it is, what came of it. */
export interface JobRecord {
  readonly id: string;
  readonly state: 'receiving' | 'running' | 'done' | 'failed' | 'interrupted';
  readonly startedBy: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly options: JobOptions;
  readonly files: readonly string[];
  readonly progress: Progress | null;
  readonly outcome: Record<string, unknown> | null;
}

export type ReportName = 'report' | 'findings';

const busy = domainError({
  code: 'console.import.busy',
  kind: 'conflict',
  en: 'Another import is under way ({id}). One runs at a time.',
  zh: '另一导入正在进行（{id}）。同一时间只能进行一个导入。',
});

/** A process that lives writes this often that it does; one that has not for three times as long has died. */
const beatMs = 5000;
const dead = "interval '15 seconds'";
/** how long a job waits for a new token of the one who started it */
const tokenPatienceMs = 120_000;
const instant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = `id, started_by AS "startedBy", ${instant('started_at')} AS "startedAt", ${instant('ended_at')} AS "endedAt", options, files, progress, outcome,
  CASE WHEN state IN ('receiving', 'running') AND beat < now() - ${dead} THEN 'interrupted' ELSE state END AS state`;

/** Imports started over HTTP: one at a time, each with a record that outlives the process. */
@Injectable()
export class ImportJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #current: { id: string; person: string; token: BearerToken; stop: AbortController; ended: Promise<void> } | undefined;

  #closing = false;

  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: ConsoleConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.#sql((work) => this.#sweep(work));
  }

  /** What is under way stops after its batches in hand, and its record says that it was interrupted. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#closing = true;
    this.#current?.stop.abort();
    await this.#current?.ended;
  }

  /**
   * Begins a job and runs it in the background.
   * @param receive takes the files in, into the folder it is given
   * @param authorization the caller's own, with which the services are called
   * @throws busy, invalidForm for options, and whatever `receive` throws
   */
  async start(
    actor: Actor,
    authorization: string,
    language: Language,
    receive: (folder: string) => Promise<Upload>,
  ): Promise<JobRecord> {
    const id = newId();
    await this.#claim(actor, id);
    const stop = new AbortController();
    const folder = join(this.config.IMPORT_FOLDER, `fenxiao-import-${id}`);
    const beating = this.#beat(id, stop.signal);
    let upload: Upload;
    let options: JobOptions;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      upload = await receive(folder);
      if (this.#closing) throw notReady();
      options = optionsOf(upload.fields, language);
      await this.#set(
        id,
        `state = 'running', options = $2, files = $3`,
        [options, upload.names].map((v) => JSON.stringify(v)),
      );
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      await this.#end(id, 'failed', null);
      beating.stop();
      throw error;
    }
    const token = new BearerToken(authorization, stop.signal);
    const ended = this.#run(id, folder, upload, options, token, stop.signal)
      .catch((error: unknown) => this.log.error({ err: error, job: id }, 'import not recorded as ended'))
      .finally(() => {
        beating.stop();
        if (this.#current?.id === id) this.#current = undefined;
      });
    this.#current = { id, person: actor.person, token, stop, ended };
    return this.read(id);
  }

  /** @throws notFound */
  async read(id: string): Promise<JobRecord> {
    const [job] = await this.#sql((work) =>
      work.query<JobRecord>(`SELECT ${columns} FROM import_job WHERE id = $1`, [id]),
    );
    if (!job) throw notFound({ what: 'import' });
    return job;
  }

  /** The latest ones first. */
  list(): Promise<JobRecord[]> {
    return this.#sql((work) =>
      work.query<JobRecord>(`SELECT ${columns} FROM import_job ORDER BY started_at DESC, id DESC LIMIT 50`),
    );
  }

  /** A token lives shorter than a large import: whoever started it and looks at it lends the one they hold now. */
  lend(id: string, { person }: Actor, authorization: string): void {
    if (this.#current?.id === id && this.#current.person === person) this.#current.token.replace(authorization);
  }

  /** A report's text, piece by piece. @throws notFound when there is none (yet, or any more) */
  async report(id: string, name: ReportName): Promise<AsyncIterable<Buffer>> {
    const [found] = await this.#sql((work) =>
      work.query<{ parts: number }>('SELECT count(*)::int AS parts FROM import_report WHERE job = $1 AND name = $2', [
        id,
        name,
      ]),
    );
    if (!found?.parts) throw notFound({ what: 'report' });
    const part = (n: number) =>
      this.#sql((work) =>
        work.query<{ content: Buffer }>(
          'SELECT content FROM import_report WHERE job = $1 AND name = $2 AND part = $3',
          [id, name, n],
        ),
      );
    return (async function* () {
      for (let n = 0; n < found.parts; n++) for (const { content } of await part(n)) yield await unzipped(content);
    })();
  }

  async #run(
    id: string,
    folder: string,
    { path, mapping }: Upload,
    options: JobOptions,
    token: Token,
    signal: AbortSignal,
  ): Promise<void> {
    const report = { report: join(folder, 'report.csv'), findings: join(folder, 'findings.csv') };
    const services = new Services({ url: this.config.GATEWAY_URL, token, language: options.language, signal });
    let outcome: Record<string, unknown> = {};
    let state: JobRecord['state'] = 'failed';
    let told = 0;
    try {
      const { stoppedBy, ...summary } = await runImport({
        path,
        mapping,
        services,
        workFolder: join(folder, 'work'),
        ...options,
        signal,
        report: { rejections: report.report, findings: report.findings },
        onPlan: (tables, unused) => (outcome = { tables, unused }),
        onProgress: (progress) => {
          if (Date.now() - told < 1000) return;
          told = Date.now();
          this.#set(id, 'progress = $2', [JSON.stringify(progress)]).catch((error: unknown) =>
            this.log.warn({ err: error }, 'progress not noted'),
          );
        },
      });
      for (const [name, file] of Object.entries(report)) await this.#keep(id, name, file);
      outcome = { ...outcome, summary, ...(stoppedBy ? { problems: problemsOf(stoppedBy, options.language) } : {}) };
      if (!stoppedBy) state = 'done';
    } catch (error) {
      if (!(error instanceof CannotImport)) this.log.error({ err: error, job: id }, 'import failed');
      const problems = error instanceof CannotImport ? problemsOf(error, options.language) : [{ code: 'http.500' }];
      outcome = { ...outcome, problems };
    }
    await rm(folder, { recursive: true, force: true });
    await this.#end(id, signal.aborted ? 'interrupted' : state, outcome);
  }

  /** @throws busy */
  async #claim(actor: Actor, id: string): Promise<void> {
    const running = await this.transactions.run(actor, async (work) => {
      await this.#sweep(work);
      const made = await work.query(
        `INSERT INTO import_job (id, started_by, started_at, state, options) VALUES ($1, $2, $3, 'receiving', '{}')
         ON CONFLICT ((true)) WHERE state IN ('receiving', 'running') DO NOTHING RETURNING id`,
        [id, actor.person, work.now],
      );
      if (made.length > 0) {
        work.record({
          procedure: 'import',
          move: 'start',
          outcome: 'done',
          rule: 'X-15',
          role: 'importer',
          subject: id,
        });
        return undefined;
      }
      const [other] = await work.query<{ id: string }>(
        `SELECT id FROM import_job WHERE state IN ('receiving', 'running')`,
      );
      return other?.id ?? '?';
    });
    if (running) throw busy({ id: running });
  }

  /** Jobs whose process has died are said to be interrupted, their files go, and old reports too. */
  async #sweep(work: Work): Promise<void> {
    const died = await work.query<{ id: string }>(
      `UPDATE import_job SET state = 'interrupted', ended_at = beat WHERE state IN ('receiving', 'running') AND beat < now() - ${dead} RETURNING id`,
    );
    for (const { id } of died)
      await rm(join(this.config.IMPORT_FOLDER, `fenxiao-import-${id}`), { recursive: true, force: true });
    await work.query(
      `DELETE FROM import_report r USING import_job j WHERE j.id = r.job AND j.started_at < now() - make_interval(days => $1)`,
      [this.config.IMPORT_KEEP_DAYS],
    );
  }

  async #keep(id: string, name: string, file: string): Promise<void> {
    let part = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 }) as AsyncIterable<Buffer>) {
      const content = await zipped(chunk);
      await this.#sql((work) =>
        work.query('INSERT INTO import_report VALUES ($1, $2, $3, $4)', [id, name, part++, content]),
      );
    }
  }

  #end(id: string, state: JobRecord['state'], outcome: object | null): Promise<void> {
    return this.#set(id, 'state = $2, outcome = $3, progress = NULL, ended_at = now()', [
      state,
      outcome && JSON.stringify(outcome),
    ]);
  }

  async #set(id: string, columnsAndValues: string, values: readonly unknown[]): Promise<void> {
    await this.#sql((work) =>
      work.query(`UPDATE import_job SET ${columnsAndValues}, beat = now() WHERE id = $1`, [id, ...values]),
    );
  }

  #beat(id: string, signal: AbortSignal): { stop(): void } {
    const timer = setInterval(() => {
      if (!signal.aborted)
        this.#set(id, 'beat = now()', []).catch((error: unknown) => this.log.warn({ err: error }, 'beat missed'));
    }, beatMs);
    return { stop: () => clearInterval(timer) };
  }

  #sql<T>(run: (work: Work) => Promise<T>): Promise<T> {
    return this.transactions.run(system, run);
  }
}

const zipped = promisify<Buffer, Buffer>(gzip);
const unzipped = promisify<Buffer, Buffer>(gunzip);

const problemsOf = ({ reasons }: CannotImport, language: Language) =>
  reasons.map((reason) => ({ code: reason.code, detail: reason.text(language) }));

/** A dry run that is misspelt must not become a real one. */
const yesOrNo = z
  .stringbool({ truthy: ['true', '1', 'on', 'yes'], falsy: ['false', '0', 'off', 'no', ''] })
  .default(false);
const Options = z.object({ dryRun: yesOrNo, allOrNothing: yesOrNo, lang: z.enum(['zh', 'en']).optional() });

/** @throws invalidForm */
function optionsOf(fields: Upload['fields'], language: Language): JobOptions {
  const { lang, ...options } = parseForm(Options, fields);
  return { ...options, language: lang ?? language };
}

/** The caller's own token, and the next one when they come by with it. */
class BearerToken implements Token {
  #token: string;
  #refused: string | undefined;

  constructor(
    authorization: string,
    private readonly signal: AbortSignal,
  ) {
    this.#token = bare(authorization);
  }

  current(): Promise<string> {
    return Promise.resolve(this.#token);
  }

  replace(authorization: string): void {
    this.#token = bare(authorization);
  }

  /** Waits for another one than the one that was refused. */
  async renew(): Promise<boolean> {
    this.#refused = this.#token;
    for (const end = Date.now() + tokenPatienceMs; Date.now() < end && !this.signal.aborted;) {
      if (this.#token !== this.#refused) return true;
      await delay(200);
    }
    return false;
  }
}

const bare = (authorization: string) => authorization.replace(/^Bearer /i, '');
