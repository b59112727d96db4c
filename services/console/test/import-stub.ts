import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ImportBatch, imports, type ImportKind } from '@fenxiao/contracts/imports';
import { textOf } from '../src/import/cells.js';
import { Services, type Outcome } from '../src/import/services.js';
import { givenToken } from '../src/import/stack.js';
import { identityOf, referencesOf } from '../src/import/fields.js';

type Row = Record<string, unknown>;

/** The import contract as a server of its own: what any service does with rows, with the contract's schemas. */
export class ImportStub {
  /** what was brought in: kind → identity → row */
  readonly kept = new Map<ImportKind, Map<string, Row>>();
  /** batches that were written, in the order in which they came */
  readonly batches: { kind: ImportKind; dryRun: boolean; rows: Row[]; bytes: number }[] = [];
  readonly asked: string[] = [];
  /** answers to give first, by path */
  readonly failures: { path: RegExp; status: number; headers?: Record<string, string>; times: number }[] = [];
  /** what `events/status` says, each once, before it says that all is well */
  readonly lag: Partial<Record<string, { outbox: number; behind: number }[]>> = {};
  /** rows on which a service breaks down */
  poison: (row: Row) => boolean = () => false;
  findings: (kind: ImportKind, row: Row) => Outcome['findings'] = () => undefined;
  roles: string[] = ['importer'];
  accepts: (token: string) => boolean = (token) => token === 'good';
  /** most requests that were under way at once */
  mostAtOnce = 0;
  /** no batch is answered before this many requests have been under way at once */
  together = 1;
  #atOnce = 0;
  readonly #server = createServer((request, reply) => {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    void this.#answer(request, reply).finally(() => (this.#atOnce -= 1));
  });

  async start(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  services(patience = 5000): Services {
    return new Services({ url: this.url, token: givenToken('good'), language: 'en', firstWait: 5, patience });
  }

  rows(kind: ImportKind): Row[] {
    return [...(this.kept.get(kind)?.values() ?? [])];
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    this.asked.push(path);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const json = (status: number, value: unknown, headers: Record<string, string> = {}) =>
      reply.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    const failure = this.failures.find((one) => one.times > 0 && one.path.test(path));
    if (failure) {
      failure.times -= 1;
      if (failure.status === 0) return void request.socket.destroy();
      return void json(failure.status, { title: 'made to fail' }, failure.headers);
    }
    if (path === '/auth/token') {
      const wanted = `Basic ${Buffer.from('fenxiao-import:secret').toString('base64')}`;
      if (request.headers.authorization !== wanted) return void json(401, { error: 'invalid_client' });
      return void json(200, { access_token: 'good', expires_in: 900 });
    }
    if (!this.accepts((request.headers.authorization ?? '').replace('Bearer ', '')))
      return void json(401, { detail: 'who?' });
    const [, , service = '', area, kind] = path.split('/');
    if (area === 'me') return void json(200, { person: 'p', roles: this.roles });
    if (area === 'events') return void json(200, this.lag[service]?.shift() ?? { outbox: 0, behind: 0 });
    if (!Object.hasOwn(imports, kind ?? '')) return void json(404, { detail: 'no such kind' });
    for (let waits = 0; this.mostAtOnce < this.together && waits < 400; waits++) await delay(5);
    const batch = ImportBatch.parse(JSON.parse(body));
    if (batch.rows.some(this.poison)) return void json(500, { title: 'A fault of ours' });
    const of = kind as ImportKind;
    this.batches.push({ kind: of, dryRun: batch.dryRun, rows: batch.rows, bytes: Buffer.byteLength(body) });
    json(200, { results: batch.rows.map((row) => this.#load(of, row, batch.dryRun)) });
  }

  #load(kind: ImportKind, row: Row, dryRun: boolean): Outcome {
    const parsed = imports[kind].row.safeParse(row);
    if (!parsed.success)
      return {
        outcome: 'rejected',
        errors: parsed.error.issues.map(({ path, code, message }) => ({ field: path.join('.'), code, message })),
      };
    const unknown = this.#unknownIn(kind, parsed.data);
    if (unknown) return { outcome: 'rejected', errors: [unknown] };
    const identity = identityOf(kind)
      .map((field) => textOf(row[field]))
      .join('/');
    const kept = this.kept.get(kind) ?? new Map<string, Row>();
    this.kept.set(kind, kept);
    const before = kept.get(identity);
    if (!dryRun) kept.set(identity, parsed.data);
    const digest = (of: unknown) => createHash('sha256').update(JSON.stringify(of)).digest('hex');
    const outcome = !before ? 'created' : digest(before) === digest(parsed.data) ? 'unchanged' : 'changed';
    const findings = this.findings(kind, row);
    return { outcome, ...(findings ? { findings } : {}) };
  }

  #unknownIn(kind: ImportKind, row: Row) {
    for (const [path, [of, field]] of Object.entries(referencesOf(kind))) {
      if (of === 'orders') continue;
      const [name = '', inner] = path.split('.');
      const places = inner
        ? (row[name] as Row[]).map((line, i) => [`${name}.${i}.${inner}`, line[inner]] as const)
        : [[name, row[name]] as const];
      for (const [at, value] of places) {
        const known = value === undefined || this.rows(of).some((one) => one[field] === value);
        if (!known) return { field: at, code: `stub.${of}.unknown`, message: `There is no ${textOf(value)}.` };
      }
    }
    return undefined;
  }
}
