import type { Severity } from '@fenxiao/contracts/complaints';
import type { CapaTrigger } from '@fenxiao/contracts/quality-forms';
import { bind, follow, lock, open, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { settings } from '../config.js';
import { capaProcedure } from './capa-procedure.js';
import { facts, markDone } from './capa-facts.js';
import {
  beforeItsCause,
  inTheFuture,
  noDefect,
  notContained,
  ownWork,
  runsAlready,
  tooEarly,
} from './capa-refusals.js';
import { requireTeam } from './capa-team.js';
import { Capa, effectDueOn, type CapaRecord, type Joined } from './capa-tables.js';
import { complaintOf } from './complaint-read.js';

/**
 * C-09 Root cause and repeat 预防和纠正措施: what opens an 8D, what its moves ask for, and how a repeat opens it again at the
 * root cause.
 */
const write = (subject: Capa, part: CapaRecord) => {
  subject.record = { ...subject.record, ...part };
};

/** D1 to D3 run side by side; the root cause waits for all of them. */
const stage = ({ record: { leaderId, problem, effectChecked } }: Capa) =>
  leaderId !== undefined && problem !== undefined && effectChecked !== undefined ? 'contained' : 'opened';

export const capa: Bound<Capa, typeof capaProcedure> = bind(capaProcedure, {
  entity: Capa,

  create: async (form, work, base) => {
    const { complaintId, symptom, urgentResponse } = form;
    const about = complaintId === undefined ? undefined : await complaintOf(work, complaintId);
    const safety = form.safety ?? about?.criteria.includes('safety');
    const [severity, defect] = [about?.severity ?? form.severity ?? null, about?.defect ?? form.defect];
    if (defect === undefined) throw noDefect({}, { field: 'defect' });
    const goods = about ?? { productCode: form.productCode ?? null, productName: null };
    const { productCode, productName } = goods;
    await oneByOne(work, { productCode, productName, defect });
    const running = await latestOf(work, { id: about?.id ?? base.id, productCode, productName, defect });
    if (running && running.state !== 'closed') throw runsAlready({ capa: running.number }, { field: 'defect' });
    const repeat = form.repeat ?? null;
    const { CAPA_STEP_DAYS: limits, CAPA_EFFECT_DAYS: effectDays } = settings(work);
    return work.em.create(Capa, {
      ...base,
      region: about?.region ?? null,
      number: await documentNumber(work, 'JZ', work.today),
      trigger: triggerOf(work, { severity, safety, repeat }),
      complaint: about?.id ?? null,
      complaintNumber: about?.number ?? null,
      joined: about ? [{ id: about.id, number: about.number }] : [],
      severity,
      product: about?.product ?? (await productOf(work, productCode)),
      productCode,
      productName,
      defect,
      repeat,
      limits,
      effectDays,
      round: 1,
      startedAt: work.now,
      record: { ...(symptom ? { symptom } : {}), ...(urgentResponse ? { urgentResponse } : {}) },
      done: [],
      carriedOutOn: null,
      carriedOutBy: [],
    });
  },

  effects: {
    nameTeam: async (subject, team, work) => {
      await requireTeam(work, team);
      write(subject, team);
      markDone(subject, 'team', work);
      return stage(subject);
    },
    describeProblem: (subject, problem, work) => {
      write(subject, { problem });
      markDone(subject, 'problem', work);
      return stage(subject);
    },
    contain: (subject, held, work) => {
      write(subject, held);
      markDone(subject, 'containment', work);
    },
    confirmContainment: (subject, { effectChecked }, work) => {
      if (subject.record.stock === undefined) throw notContained({ number: subject.number });
      write(subject, { effectChecked });
      markDone(subject, 'containment-check', work);
      return stage(subject);
    },
    findCause: (subject, cause, work) => {
      write(subject, cause);
      markDone(subject, 'root-cause', work);
    },
    chooseAction: write,
    verifyAction: (subject, test, work) => {
      write(subject, test);
      if (!test.passed) return 'cause-found';
      markDone(subject, 'permanent-action', work);
      return 'action-verified';
    },
    carryOut: (subject, { carriedOutOn, carriedOutById, ...measured }, work) => {
      const { person } = work.actor;
      if (carriedOutOn > work.today) throw inTheFuture({ date: carriedOutOn }, { field: 'carriedOutOn' });
      if (carriedOutOn < work.calendar.dateOf(subject.startedAt))
        throw beforeItsCause({ date: carriedOutOn }, { field: 'carriedOutOn' });
      write(subject, measured);
      subject.carriedOutOn = carriedOutOn;
      subject.carriedOutBy = [...new Set([person, carriedOutById ?? person])];
      markDone(subject, 'implementation', work);
    },
    prevent: (subject, prevention, work) => {
      write(subject, prevention);
      markDone(subject, 'prevention', work);
    },
    verify: (subject, effect, work) => {
      if (subject.carriedOutBy.includes(work.actor.person)) throw ownWork();
      const from = effectDueOn(subject, work.calendar)!;
      if (work.today < from) throw tooEarly({ date: from });
      write(subject, effect);
      if (effect.effective) return 'verified';
      beginAgain(subject, work);
      return 'contained';
    },
    close: (subject, thanks, work) => {
      write(subject, thanks);
      markDone(subject, 'closing', work);
    },
    join: (subject, { joinedId: id, joinedNumber: number }) => joinTo(subject, { id, number }),
    reopen: (subject, { joinedId: id, joinedNumber: number }, work) => {
      joinTo(subject, { id, number });
      beginAgain(subject, work);
    },
  },

  follows: { open: tellTeam, reopen: tellTeam },
  facts,
  view: (subject) => ({
    number: subject.number,
    trigger: subject.trigger,
    complaintId: subject.complaint,
    complaintNumber: subject.complaintNumber,
    complaints: subject.joined,
    region: subject.region,
    severity: subject.severity,
    productCode: subject.productCode,
    productName: subject.productName,
    defect: subject.defect,
    repeat: subject.repeat,
    round: subject.round,
    ...subject.record,
    carriedOutOn: subject.carriedOutOn,
    steps: subject.done,
  }),
  filters: { complaintId: 'complaint', productCode: 'productCode', number: 'number', trigger: 'trigger' },
});

/** A complaint as its decision knows it. */
interface Complained {
  readonly id: string;
  readonly number: string;
  readonly severity: Severity;
  /** the how many-th of this product and defect in 90 days it is */
  readonly repeat: number | null;
}

/**
 * What a complaint means for the 8D of its product and defect: opened from severity `serious` or the third repeat; joined
 * where one runs; opened again at the root cause where what was done has not helped for 90 days. Nothing otherwise.
 */
export async function capaFor(work: Work, { id, number, severity, repeat }: Complained): Promise<void> {
  const about = await complaintOf(work, id);
  const { criteria, verdict, productCode, defect } = about;
  await oneByOne(work, about);
  const latest = await latestOf(work, about);
  const needed = triggerOf(work, { severity, repeat, safety: criteria.includes('safety') }) !== 'judgement';
  if (latest) {
    const found = await lock(work, capa, latest.id);
    if (found.joined.some((known) => known.id === id)) return;
    const joining = { joinedId: id, joinedNumber: number };
    if (found.state !== 'closed' && !isCarriedOut(found)) {
      if (needed) await follow(work, capa, found, 'join', joining);
      return;
    }
    // what is not judged yet may turn out to be none
    if (isRepeat(found, work) && judged(verdict)) return follow(work, capa, found, 'reopen', joining);
  }
  if (!needed) return;
  const form = {
    complaintId: id,
    severity,
    defect,
    ...(productCode ? { productCode } : {}),
    ...(repeat ? { repeat } : {}),
  };
  await open(work, capa, { form, bySystem: true });
}

const judged = (verdict: string | null) => verdict === 'justified' || verdict === 'partly';
const isCarriedOut = ({ state }: Capa) => ['carried-out', 'prevention-set', 'verified'].includes(state);
/** Closed longer ago than the days in which a repeat counts it is another problem. */
function isRepeat({ state, enteredAt }: Capa, work: Work): boolean {
  const { calendar, today } = work;
  return state !== 'closed' || today <= calendar.addDays(calendar.dateOf(enteredAt), settings(work).REPEAT_DAYS);
}

/** Product and defect, as repeats are counted (K-Q10): goods without a code go by their name. */
interface Problem {
  readonly productCode: string | null;
  readonly productName: string | null;
  readonly defect: string;
}

/** Two complaints of the same goods at once: the second finds the 8D of the first. */
const oneByOne = (work: Work, { productCode, productName, defect }: Problem) =>
  work.query(`SELECT pg_advisory_xact_lock(hashtextextended('capa ' || $1 || ' ' || lower($2), 0))`, [
    productCode ?? productName ?? '',
    defect,
  ]);

/** The 8D opened last for a complaint, or for its product and defect. */
async function latestOf(work: Work, { id, productCode, productName, defect }: Problem & { readonly id: string }) {
  await work.em.flush();
  const [latest] = await work.query<{ id: string; number: string; state: string }>(
    `SELECT id, number, state FROM (
       SELECT id, number, state FROM capa WHERE coalesce(product_code, product_name) = $2 AND lower(defect) = lower($3)
       UNION SELECT id, number, state FROM capa WHERE joined @> $1::jsonb) c ORDER BY id DESC LIMIT 1`,
    [JSON.stringify([{ id }]), productCode ?? productName, defect],
  );
  return latest;
}

async function productOf(work: Work, code: string | null): Promise<string | null> {
  if (code === null) return null;
  const [known] = await work.query<{ id: string }>('SELECT id FROM known_product WHERE code = $1', [code]);
  return known?.id ?? null;
}

interface Grounds {
  readonly severity: Severity | null;
  readonly repeat: number | null;
  readonly safety?: boolean | undefined;
}
/** D0: major severity, safety, or the third repeat; else somebody's judgement. */
function triggerOf(work: Work, { severity, repeat, safety }: Grounds): z.infer<typeof CapaTrigger> {
  if (safety) return 'safety';
  if (severity === 'serious' || severity === 'grave') return 'severity';
  return repeat !== null && repeat >= settings(work).CAPA_REPEATS ? 'repeat' : 'judgement';
}

function joinTo(subject: Capa, complaint: Joined): void {
  subject.joined = [...subject.joined, complaint];
}

/** At D4: what was found, chosen and carried out stays in the audit and in the sealed copies; it is asked for anew. */
function beginAgain(subject: Capa, work: Work): void {
  const { symptom, urgentResponse, problem, effectChecked, leaderId, members, stock, transit, customerProtection } =
    subject.record;
  const kept = {
    symptom,
    urgentResponse,
    problem,
    effectChecked,
    leaderId,
    members,
    stock,
    transit,
    customerProtection,
  };
  subject.record = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  Object.assign(subject, { round: subject.round + 1, startedAt: work.now, carriedOutOn: null });
}

/** D0: whoever leads and fills knows at once. */
function tellTeam({ id, number, state, defect, record: { members = [] } }: Capa, work: Work): void {
  const persons = members.map(({ personId }) => personId);
  const to = { powers: { 'quality-control': 'all' }, ...(persons.length > 0 ? { persons } : {}) };
  work.notify({ kind: 'task', procedure: 'capa', path: 'capas', about: id, number, state, detail: defect, to }, 'C-09');
}
