import { Money } from '@fenxiao/domain/money';
import { parseForm } from '@fenxiao/service-kit/checks';
import { restartClocks } from '@fenxiao/service-kit/clocks';
import { bind, follow, open, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { Code, QuantityText } from '@fenxiao/contracts/wire';
import { z } from 'zod';
import { settings } from '../config.js';
import { keepApart } from '../duties.js';
import {
  askAgain,
  compare,
  conclude,
  enterCounts,
  finish,
  keepBooks,
  largestVariances,
  slotOf,
  type Comparison,
  type CountRow,
} from './counting.js';
import { postAdjustments } from './posting.js';
import { replaceCounter } from './replacing.js';
import {
  alreadyOpen,
  approved,
  complete,
  everyYear,
  inThePast,
  noSuchVariance,
  notApproved,
  notYet,
  oneForm,
  reasonsMissing,
  twoCounters,
  unknownWarehouse,
  tooLate,
} from './refusals.js';
import { counterOf, stocktakeProcedure, type CountForm } from './stocktake.js';
import { Stocktake } from './stocktake-table.js';

/** What the moves of a stocktake do, and how its facts read. */

/** what the last count of a round has shown, for what follows from it */
const compared = new WeakMap<Stocktake, Comparison>();
/** rows entered or left unexplained, for the event of the move */
const told = new WeakMap<Stocktake, number>();

export const stocktake: Bound<Stocktake, typeof stocktakeProcedure> = bind(stocktakeProcedure, {
  entity: Stocktake,

  create: async ({ warehouse, scheduledOn: date }, work, base) => {
    const [known] = await work.query<{ region: string | null }>(
      `SELECT region FROM warehouse WHERE code = $1 AND state = 'active' FOR UPDATE`,
      [warehouse],
    );
    if (!known) throw unknownWarehouse({ warehouse }, { field: 'warehouse' });
    const kind = byCalendar.has(work) ? 'year-end' : 'ad-hoc';
    const scheduledOn = date ?? work.today;
    if (kind === 'ad-hoc' && scheduledOn < work.today) throw inThePast({ date: scheduledOn }, { field: 'scheduledOn' });
    await requireNoOther(work, warehouse, kind === 'ad-hoc' ? ['scheduled'] : []);
    return work.em.create(Stocktake, {
      ...base,
      region: known.region,
      warehouse,
      kind,
      scheduledOn,
      firstScheduledOn: scheduledOn,
      former: [],
      number: await documentNumber(work, 'PD', scheduledOn),
      countedOn: null,
      clerk: null,
      keeper: null,
      clerkDone: false,
      keeperDone: false,
      round: 0,
      items: 0,
      equal: 0,
      bookValue: Money.zero,
      varianceValue: Money.zero,
      absoluteVariance: Money.zero,
      shrinkage: Money.zero,
      approvedBy: null,
      variances: [],
    });
  },

  effects: {
    reschedule: (subject, { scheduledOn }, work) => {
      if (scheduledOn < work.today) throw inThePast({ date: scheduledOn }, { field: 'scheduledOn' });
      subject.firstScheduledOn ??= subject.scheduledOn;
      const latest = work.calendar.addWorkingDays(subject.firstScheduledOn, settings(work).STOCKTAKE_MOVE_WORKING_DAYS);
      if (subject.kind === 'year-end' && scheduledOn > latest)
        throw tooLate({ date: latest }, { field: 'scheduledOn' });
      subject.scheduledOn = scheduledOn;
    },
    callOff: ({ kind }) => {
      if (kind === 'year-end') throw everyYear();
    },
    replaceCounter: (subject, form, work) => replaceCounter(work, subject, form),
    begin: async (subject, _, work) => {
      if (work.today < subject.scheduledOn) throw notYet({ date: subject.scheduledOn });
      await requireNoOther(work, subject.warehouse, ['counting', 'counted', 'variance-review']);
      subject.items = await keepBooks(work, subject);
      subject.round = 1;
    },
    enterCount: async (subject, form, work) => {
      const rows = rowsOf(form);
      const slot = slotOf(subject, work.actor);
      if (subject[`${slot}Done`]) throw complete();
      await enterCounts(work, subject, slot, rows);
      told.set(subject, rows.length);
    },
    finishCount: async (subject, _, work) => {
      await finish(work, subject, slotOf(subject, work.actor));
      if (subject.clerkDone && subject.keeperDone) compared.set(subject, await compare(work, subject));
    },
    askRecount: (subject) => {
      Object.assign(subject, { round: subject.round + 1, clerkDone: false, keeperDone: false });
    },
    conclude: (subject, _, work) => conclude(work, subject),
    explain: async (subject, { reasons }, work) => {
      if (subject.approvedBy) throw approved();
      const written = await work.query<{ line: number }>(
        `UPDATE stocktake_line l SET reason = r.reason FROM unnest($2::text[], $3::text[], $4::text[]) r(product, batch, reason)
         WHERE l.stocktake = $1 AND l.product_code = r.product AND l.batch = r.batch AND l.counted <> l.book RETURNING l.line`,
        [subject.id, ...['productCode', 'batch', 'reason'].map((name) => reasons.map((row) => row[name as 'reason']))],
      );
      if (new Set(written.map(({ line }) => line)).size < reasons.length)
        throw noSuchVariance({}, { field: 'reasons' });
      told.set(subject, await unexplained(work, subject));
      subject.variances = await largestVariances(work, subject.id);
    },
    approve: async (subject, _, work) => {
      await keepApart(work, 'stocktake.approve', [subject.id]);
      const left = await unexplained(work, subject);
      if (left > 0) throw reasonsMissing({ left });
      subject.approvedBy = work.actor.person;
    },
    sendBack: async (subject, _, work) => {
      await askAgain(work, subject);
      const again = { clerkDone: false, keeperDone: false, approvedBy: null, countedOn: null, variances: [] };
      Object.assign(subject, again, { round: subject.round + 1 });
    },
    post: async (subject, _, work) => {
      await keepApart(work, 'stocktake.post', [subject.id]);
      if (!subject.approvedBy) throw notApproved();
      await postAdjustments(work, subject);
    },
    // T17: two persons, or it stays open
    close: (subject) => {
      if (subject.state === 'counting' || !subject.clerk || !subject.keeper) throw twoCounters();
    },
  },

  follows: {
    /** the day by which it has to begin is another one */
    reschedule: async (subject, work) => {
      const { state: from } = subject;
      await restartClocks(work, stocktakeProcedure, subject, { move: 'begin', from, changed: true });
    },
    finishCount: async (subject, work) => {
      const result = compared.get(subject);
      if (!result) return;
      compared.delete(subject);
      const { differing, 'over-limit': overLimit } = result;
      if (differing + overLimit > 0) return follow(work, stocktake, subject, 'askRecount', { differing, overLimit });
      await follow(work, stocktake, subject, 'conclude');
      if (subject.equal < subject.items) await follow(work, stocktake, subject, 'review');
    },
  },

  facts: {
    scheduled: head,
    rescheduled: (subject) => ({ ...head(subject), firstScheduledOn: firstDayOf(subject) }),
    'called-off': head,
    'counter-replaced': (subject, form) => {
      const { personId: formerId, round, rows } = subject.former.at(-1)!;
      return { ...head(subject), ...form, formerId, round, rows };
    },
    started: (subject) => ({ ...head(subject), items: subject.items }),
    'count-entered': (subject, _, work) => ({
      ...head(subject),
      counter: counterOf[slotOf(subject, work.actor)],
      rows: told.get(subject)!,
    }),
    'count-finished': (subject, _, work) => ({
      ...head(subject),
      counter: counterOf[slotOf(subject, work.actor)],
      round: subject.round,
    }),
    'recount-required': (subject, { differing, overLimit }) => ({
      ...head(subject),
      round: subject.round,
      items: differing + overLimit,
      differing,
      overLimit,
    }),
    counted: (subject, _, work) => ({
      ...found(subject, _, work),
      clerkId: subject.clerk!,
      keeperId: subject.keeper!,
      rounds: subject.round,
    }),
    'variance-found': found,
    explained: (subject) => ({
      ...head(subject),
      items: subject.items - subject.equal,
      unexplained: told.get(subject)!,
    }),
    approved: found,
    'sent-back': (subject) => ({ ...head(subject), round: subject.round }),
    adjusted: found,
    closed: (subject, _, work) => ({ ...found(subject, _, work), closedOn: work.today }),
  },

  view: (subject) => ({
    number: subject.number,
    warehouse: subject.warehouse,
    kind: subject.kind,
    region: subject.region,
    scheduledOn: subject.scheduledOn,
    countedOn: subject.countedOn,
    clerkId: subject.clerk,
    keeperId: subject.keeper,
    round: subject.round,
    items: subject.items,
    ...(subject.state === 'scheduled' || subject.state === 'counting' ? {} : results(subject)),
    approvedBy: subject.approvedBy,
    ...(subject.former.length > 0 ? { former: subject.former } : {}),
  }),
  filters: { warehouse: 'warehouse', number: 'number', kind: 'kind' },
});

/** O-24: opened by the calendar, and by nobody else. */
const byCalendar = new WeakSet<Work>();
export function openYearEnd(work: Work, warehouse: string, scheduledOn: string): Promise<Stocktake> {
  byCalendar.add(work);
  return open(work, stocktake, { form: { warehouse, scheduledOn }, bySystem: true });
}

/** Two counts at once would both book the same difference. The warehouse's row is the lock. */
async function requireNoOther(work: Work, warehouse: string, states: readonly string[]): Promise<void> {
  await work.query(`SELECT FROM warehouse WHERE code = $1 AND state = 'active' FOR UPDATE`, [warehouse]);
  const [other] = await work.query<{ number: string }>(
    'SELECT number FROM stocktake WHERE warehouse = $1 AND state = ANY($2)',
    [warehouse, states],
  );
  if (other) throw alreadyOpen({ warehouse, stocktake: other.number }, { field: 'warehouse' });
}

/** The rows as they came, or as lines of a CSV. */
function rowsOf({ counts, csv }: CountForm): readonly CountRow[] {
  if ((counts === undefined) === (csv === undefined)) throw oneForm({}, { field: 'counts' });
  if (counts) return counts;
  const lines = csv!.replace(/^\uFEFF/, '').split(/\r?\n/);
  const rows = (/^product/i.test(lines[0]!) ? lines.slice(1) : lines).filter((line) => line.trim() !== '');
  const parsed = parseForm(
    csvRows,
    rows.map((line) => line.split(',')),
  );
  return parsed.map(([productCode, batch, quantity]) => ({ productCode, batch, quantity }));
}

const csvRows = z.array(z.tuple([Code, Code, QuantityText])).min(1);

const unexplained = async (work: Work, { id }: Stocktake): Promise<number> => {
  const [row] = await work.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM stocktake_line WHERE stocktake = $1 AND counted <> book AND reason IS NULL',
    [id],
  );
  return row!.n;
};

function head({ number, warehouse, kind, scheduledOn, region }: Stocktake) {
  return { number, warehouse, kind, scheduledOn, ...(region ? { regionId: region } : {}) };
}
const firstDayOf = ({ firstScheduledOn, scheduledOn }: Stocktake) => firstScheduledOn ?? scheduledOn;
const results = ({ equal, bookValue, varianceValue, absoluteVariance, shrinkage, variances }: Stocktake) => ({
  equal,
  bookValue,
  varianceValue,
  absoluteVariance,
  shrinkage,
  variances,
});
function found(subject: Stocktake, _: unknown, work: Work) {
  const { items, equal, bookValue, varianceValue, absoluteVariance, shrinkage, countedOn } = subject;
  return {
    ...head(subject),
    items,
    equal,
    bookValue: String(bookValue),
    varianceValue: String(varianceValue),
    absoluteVariance: String(absoluteVariance),
    shrinkage: String(shrinkage),
    currency: work.currency,
    countedOn: countedOn!,
    onSchedule: countedOn === firstDayOf(subject),
  };
}
