import { mkdir } from 'node:fs/promises';
import { imports, type ImportKind } from '@fenxiao/contracts/imports';
import type { Language } from '@fenxiao/domain/dictionary';
import { newId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { detectMapping } from './detect.js';
import { kinds } from './fields.js';
import { sourceFiles } from './files.js';
import { readMapping } from './mapping.js';
import { planImport, type Plan } from './plan.js';
import { CannotImport, stopped } from './refusals.js';
import { Report, type FindingCount, type RefusalCount, type ReportFiles } from './report.js';
import { sendKind, type KindSent } from './send.js';
import type { Services } from './services.js';
import { emptyCount, readAll, tablesIn, type KindRead } from './stage.js';
import { Staging } from './staging.js';

/** One import, from files to summary. */

export interface ImportOptions {
  /** folder, file or .zip */
  readonly path: string;
  /** text of the mapping file; absent: the headers decide */
  readonly mapping?: string | undefined;
  readonly services: Services;
  /** an empty folder of this import's own, some times as large as what is brought in */
  readonly workFolder: string;
  readonly report: ReportFiles;
  readonly language: Language;
  /** try everything, write nothing */
  readonly dryRun?: boolean | undefined;
  /** write nothing unless every row is good */
  readonly allOrNothing?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** told once the files are understood, before rows are read */
  readonly onPlan?: ((tables: readonly TableSummary[], unused: readonly string[]) => void) | undefined;
}

export interface Progress {
  /** waiting: until services have heard of what was brought in */
  readonly phase: 'reading' | 'checking' | 'loading' | 'waiting';
  readonly kind: ImportKind;
  readonly done: number;
  readonly total?: number;
}

/** How a table was understood. */
export interface TableSummary {
  readonly table: string;
  readonly kind: ImportKind;
  readonly lines: boolean;
  readonly encoding: string | undefined;
  readonly headerLine: number;
  /** field and the columns it comes from */
  readonly fields: readonly { readonly field: string; readonly from: readonly string[] }[];
  readonly unusedColumns: readonly string[];
}

export interface KindSummary {
  readonly kind: ImportKind;
  readonly read: number;
  readonly lines?: number;
  readonly skipped: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** sums of what was read and is good in form, to hold against the books */
  readonly totals: Readonly<Record<string, string>>;
}

export interface Summary {
  readonly importId: string;
  readonly dryRun: boolean;
  /** whether anything was written: not in a dry run, nor when all or nothing was wanted and a row was refused */
  readonly written: boolean;
  readonly kinds: readonly KindSummary[];
  readonly rejected: number;
  readonly refusals: readonly RefusalCount[];
  readonly findings: readonly FindingCount[];
  readonly seconds: number;
  /** why it did not run to its end */
  readonly stoppedBy?: CannotImport;
}

/**
 * Runs an import. What has been written when something fails stays written: running it again doubles nothing.
 * @throws CannotImport when it can't begin: files, mapping or powers are not right. Later failures are in the summary
 */
export async function runImport(options: ImportOptions): Promise<Summary> {
  const { workFolder, services, language, signal } = options;
  const begin = performance.now();
  const assertGoingOn = () => {
    if (signal?.aborted) throw new CannotImport([stopped()]);
  };
  await mkdir(workFolder, { recursive: true });
  const staging = new Staging(workFolder);
  let report: Report | undefined;
  try {
    const plan = await planOf(options, staging);
    const tables = tablesIn(plan);
    options.onPlan?.(summariesOf(plan), plan.unused);
    const present = kinds.filter((kind) => plan.steps.some((step) => step.kind === kind));
    await services.assertImporter(imports[present[0]!].service);

    const importId = newId();
    const read = new Map<ImportKind, KindRead>();
    const sent = new Map<ImportKind, KindSent>();
    const progress = options.onProgress ?? (() => undefined);
    const reading = (kind: ImportKind, rows: number) => progress({ phase: 'reading', kind, done: rows });
    const rejected = () => [...read.values(), ...sent.values()].reduce((sum, of) => sum + of.rejected, 0);
    let written = false;
    let stoppedBy: CannotImport | undefined;
    report = new Report(
      options.report,
      language,
      tables.map(({ name }) => name),
    );
    const pass = async (dryRun: boolean) => {
      const loaded = new Set<string>();
      for (const kind of present) {
        const { service } = imports[kind];
        const tell = (_: string, left: number) => progress({ phase: 'waiting', kind, done: 0, total: left });
        if (!dryRun && loaded.size > 0) await services.caughtUp(loaded, service, tell);
        const total = staging.count(kind);
        const steps = plan.steps.filter((step) => step.kind === kind);
        const phase = dryRun ? 'checking' : 'loading';
        written ||= !dryRun && total > 0;
        const counts = nothingSent();
        sent.set(kind, counts);
        await sendKind(kind, {
          importId,
          dryRun,
          staging,
          services,
          report: report!,
          steps,
          assertGoingOn,
          sent: counts,
          progress: (done) => progress({ phase, kind, done, total }),
        });
        loaded.add(service);
      }
    };
    try {
      await readAll({ plan, staging, report, counts: read, progress: reading, assertGoingOn });
      if (options.dryRun || options.allOrNothing) await pass(true);
      if (!options.dryRun && !(options.allOrNothing && rejected() > 0)) {
        // what the dry run found is found again
        if (options.allOrNothing) report.restart();
        await pass(false);
      }
    } catch (error) {
      if (!(error instanceof CannotImport)) throw error;
      stoppedBy = error;
    }
    return {
      importId,
      dryRun: options.dryRun ?? false,
      written,
      rejected: rejected(),
      kinds: present.map((kind) => summaryOf(kind, read.get(kind) ?? emptyCount(), sent.get(kind))),
      refusals: report.refusals,
      findings: report.findings,
      seconds: (performance.now() - begin) / 1000,
      ...(stoppedBy ? { stoppedBy } : {}),
    };
  } finally {
    report?.close();
    staging.close();
  }
}

const nothingSent = (): KindSent => ({ created: 0, changed: 0, unchanged: 0, rejected: 0, seconds: 0 });

async function planOf({ path, mapping, workFolder }: ImportOptions, staging: Staging): Promise<Plan> {
  const files = await sourceFiles(path, workFolder);
  const read = mapping === undefined ? await detectMapping(files, workFolder) : readMapping(mapping);
  const plan: Plan = await planImport(read, files, workFolder, (lookup, key) =>
    staging.lookup(plan.lookups.indexOf(lookup), key),
  );
  return plan;
}

function summariesOf(plan: Plan): TableSummary[] {
  return plan.steps.flatMap(({ kind, parts, lineParts }) =>
    [...parts.map((part) => ({ part, lines: false })), ...lineParts.map((part) => ({ part, lines: true }))].map(
      ({ part, lines }) => {
        const fields = [
          ...part.fields.map(({ field, columns }) => ({ field: field.name, from: columns })),
          ...(part.lineFields ?? []).map(({ field, columns }) => ({ field: `lines.${field.name}`, from: columns })),
        ];
        const used = new Set(fields.flatMap(({ from }) => from));
        if (part.joinBy !== undefined) used.add(part.table.header[part.joinBy] ?? '');
        const unusedColumns = part.table.header.filter((name) => name !== '' && !used.has(name));
        const { name, encoding, headerLine } = part.table;
        return { table: name, kind, lines, encoding, headerLine, fields, unusedColumns };
      },
    ),
  );
}

function summaryOf(kind: ImportKind, read: KindRead, sent: KindSent | undefined): KindSummary {
  const { created, changed, unchanged, rejected, seconds } = sent ?? nothingSent();
  const delivered = created + changed + unchanged + rejected;
  return {
    kind,
    read: read.rows,
    skipped: read.skipped,
    created,
    changed,
    unchanged,
    ...(read.lines > 0 ? { lines: read.lines } : {}),
    rejected: read.rejected + rejected,
    seconds,
    rowsPerSecond: seconds > 0 ? Math.round(delivered / seconds) : 0,
    totals: Object.fromEntries(Object.entries(read.totals).map(([name, fen]) => [name, Money.fen(fen).toString()])),
  };
}
