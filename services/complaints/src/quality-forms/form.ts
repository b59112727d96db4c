import type { FactData } from '@fenxiao/contracts/event';
import { noticeEvents } from '@fenxiao/contracts/platform';
import type { FormDepartment } from '@fenxiao/contracts/quality-forms';
import { sealOf } from '@fenxiao/service-kit/archive';
import { restartClocks } from '@fenxiao/service-kit/clocks';
import { bind, follow, lock, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { settings } from '../config.js';
import { mayOpen } from '../form-opener.js';
import { complaintOf, isHandled, type KnownComplaint } from './complaint-read.js';
import { audienceOf, belongsTo, headsOf, signsFor } from './departments.js';
import { copyOnTime, head, openBy } from './form-facts.js';
import { formProcedure, sectionsDueAt } from './form-procedure.js';
import {
  closedAlready,
  complainedOf,
  copyMissing,
  headSigns,
  historicComplaint,
  managerPresent,
  notHandled,
  notReopened,
  notRouted,
  notYourSection,
  oneForm,
  otherCopy,
  outdated,
  routedTwice,
  sectionEmpty,
  sectionLocked,
} from './form-refusals.js';
import { QualityComplaintForm, type Section } from './form-table.js';

/** C-04 Quality complaint form 《客户投诉质量处理表》: what its moves do. C-08 复印件留档: what is copied, and who has it. */
export const qualityComplaintForm: Bound<QualityComplaintForm, typeof formProcedure> = bind(formProcedure, {
  entity: QualityComplaintForm,

  create: async ({ complaintId, handling }, work, base) => {
    await oneByOne(work, complaintId);
    const about = await complaintOf(work, complaintId);
    await requireOpener(work, about);
    await requireFirst(work, about);
    return work.em.create(QualityComplaintForm, {
      ...base,
      region: about.region,
      number: await documentNumber(work, 'ZC', work.today),
      complaint: about.id,
      complaintNumber: about.number,
      severity: about.severity,
      distributorCode: about.distributorCode,
      productCode: about.productCode,
      defect: about.defect,
      about: complained(about),
      edition: 1,
      openBy: openBy(about.createdAt, settings(work).QUALITY_FORM_DAYS, work.calendar),
      against: about.against,
      handling: handling ?? null,
      sections: [],
      sectionDays: settings(work).QUALITY_FORM_SECTION_DAYS,
      stepHours: settings(work).QUALITY_FORM_STEP_WORKING_HOURS,
      handledAt: isHandled(about.state) ? work.now : null,
      ...unsigned,
    });
  },

  effects: {
    route: async (subject, { departments }, work) => {
      await requireOpener(work, subject);
      if (new Set(departments).size < departments.length) throw routedTwice({}, { field: 'departments' });
      const sections: Section[] = [];
      for (const department of departments) sections.push({ department, heads: await headsOf(work, department) });
      subject.sections = sections;
      subject.routedAt = work.now;
    },
    fillSection: (subject, { department, findings, measures }, work) => {
      requireNotComplainedOf(work, subject);
      if (!belongsTo(work, department)) throw notYourSection({ department }, { field: 'department' });
      if (sectionOf(subject, department).signedAt) throw sectionLocked({ department });
      write(subject, department, { findings, measures, filledBy: work.actor.person, filledAt: work.now.toISOString() });
    },
    signSection: async (subject, { department }, work) => {
      requireNotComplainedOf(work, subject);
      if (!belongsTo(work, department)) throw notYourSection({ department }, { field: 'department' });
      if (!(await signsFor(work, department))) throw headSigns({ department }, { field: 'department' });
      const { signedAt, filledAt } = sectionOf(subject, department);
      if (signedAt) throw sectionLocked({ department });
      if (!filledAt) throw sectionEmpty({ department });
      write(subject, department, { signedBy: work.actor.person, signedAt: work.now.toISOString() });
    },
    sign: async (subject, { result }, work) => {
      await requireOpener(work, subject);
      Object.assign(subject, { result, signedBy: work.actor.person, signedAt: work.now });
    },
    sendCopy: async (subject, _, work) => {
      await requireOpener(work, subject);
      const { number: complaint, state } = await complaintOf(work, subject.complaint);
      if (!isHandled(state)) throw notHandled({ complaint, state });
      if (subject.outdated) throw outdated({ complaint });
      subject.sentAt = work.now;
    },
    receiveCopy: async (subject, { place, hash }, work) => {
      requireNotComplainedOf(work, subject);
      const sealed = await sealOf(work, formProcedure.name, subject.id);
      if (hash !== undefined && hash !== sealed) throw otherCopy({}, { field: 'hash' });
      const received = { copyHash: sealed!, copyReceivedBy: work.actor.person, copyReceivedAt: work.now, place };
      Object.assign(subject, received);
    },
    reopen: async (subject, _, work) => {
      await requireOpener(work, subject);
      const { number: complaint, state } = await complaintOf(work, subject.complaint);
      if (!subject.outdated && !(await reopenedSince(work, subject.complaint, subject.routedAt!)))
        throw notReopened({ complaint, state });
      Object.assign(subject, { ...unsigned, sections: [], edition: subject.edition + 1 });
    },
  },

  follows: {
    route: (subject, work) => {
      const dueAt = sectionsDueAt(subject, work.calendar).toISOString();
      for (const { department } of subject.sections)
        tell(work, subject, 'C-04', { move: 'fill-section', dueAt, to: audienceOf(work, department) });
    },
    signSection: async (subject, work) => {
      if (subject.sections.every(({ signedAt }) => signedAt))
        await follow(work, qualityComplaintForm, subject, 'completeSections');
    },
    sendCopy: (subject, work) =>
      tell(work, subject, 'C-08', { move: 'receive-copy', to: { powers: { office: 'all' } } }),
  },

  facts: {
    opened: head,
    routed: head,
    'section-filled': (subject, { department }, work) => ({ ...head(subject, {}, work), department }),
    'section-signed': (subject, { department }, work) => ({
      ...head(subject, {}, work),
      department,
      onTime: work.now <= sectionsDueAt(subject, work.calendar),
    }),
    'sections-completed': (subject, _, work) => ({
      ...head(subject, {}, work),
      onTime: work.now <= sectionsDueAt(subject, work.calendar),
    }),
    signed: (subject, { result }, work) => ({ ...head(subject, {}, work), result }),
    'copy-sent': head,
    'copy-filed': (subject, { place }, work) => ({
      ...head(subject, {}, work),
      hash: subject.copyHash!,
      place,
      copyOnTime: copyOnTime(subject, work.calendar),
    }),
    reopened: head,
  },

  view: ({ about, sections, ...subject }) => ({
    number: subject.number,
    complaintId: subject.complaint,
    complaintNumber: subject.complaintNumber,
    edition: subject.edition,
    region: subject.region,
    severity: subject.severity,
    distributorCode: subject.distributorCode,
    productCode: subject.productCode,
    ...about,
    defect: subject.defect,
    handling: subject.handling,
    sections: sections.map(seen),
    result: subject.result,
    signedById: subject.signedBy,
    signedAt: subject.signedAt,
    sentAt: subject.sentAt,
    copyHash: subject.copyHash,
    copyReceivedById: subject.copyReceivedBy,
    copyReceivedAt: subject.copyReceivedAt,
    place: subject.place,
  }),
  filters: { complaintId: 'complaint', complaintNumber: 'complaintNumber', number: 'number' },
});

/** A form is opened before its complaint is handled, or after it. */
const oneByOne = (work: Work, complaintId: string) =>
  work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`form ${complaintId}`]);

/** The complaint was handled, or opened again: what is due once it is handled starts, or rests. */
export async function tellForm({ id, state }: Pick<KnownComplaint, 'id' | 'state'>, work: Work): Promise<void> {
  await oneByOne(work, id);
  const [form] = await work.query<{ id: string }>('SELECT id FROM quality_complaint_form WHERE complaint = $1', [id]);
  if (!form) return;
  const subject = await lock(work, qualityComplaintForm, form.id);
  const handled = isHandled(state);
  subject.handledAt = handled ? work.now : null;
  if (!handled && subject.signedAt) subject.outdated = true;
  const { state: from } = subject;
  for (const move of ['sign', 'sendCopy'] as const)
    if (formProcedure.moves[move].from === from)
      await restartClocks(work, formProcedure, subject, { move, from, changed: true });
}

/** @throws complainedOf */
function requireNotComplainedOf({ actor }: Work, { against }: { readonly against: string | null }): void {
  if (against === actor.person) throw complainedOf();
}

/** Whoever is complained of never has it. @throws complainedOf, managerPresent */
async function requireOpener(work: Work, about: { readonly against: string | null }): Promise<void> {
  requireNotComplainedOf(work, about);
  if (!(await mayOpen(work, about.against))) throw managerPresent();
}

/** Whether its complaint was opened again after that. */
async function reopenedSince(work: Work, complaint: string, since: Date): Promise<boolean> {
  const [reopened] = await work.query(
    `SELECT FROM audit WHERE subject = $1 AND procedure = 'complaint' AND move = 'reopen' AND outcome = 'done' AND at > $2 LIMIT 1`,
    [complaint, since],
  );
  return reopened !== undefined;
}

/** What an edition has yet to be given. */
const unsigned = {
  routedAt: null,
  result: null,
  signedBy: null,
  signedAt: null,
  outdated: false,
  sentAt: null,
  copyHash: null,
  copyReceivedBy: null,
  copyReceivedAt: null,
  place: null,
} as const;

/** One complaint, one form. @throws historicComplaint, closedAlready, oneForm */
async function requireFirst(work: Work, { id, number: complaint, state, historic }: KnownComplaint): Promise<void> {
  if (historic) throw historicComplaint({ complaint }, { field: 'complaintId' });
  if (state === 'archived') throw closedAlready({ complaint }, { field: 'complaintId' });
  const [other] = await work.query<{ number: string }>(
    'SELECT number FROM quality_complaint_form WHERE complaint = $1',
    [id],
  );
  if (other) throw oneForm({ complaint, form: other.number }, { field: 'complaintId' });
}

function complained(about: KnownComplaint) {
  const { receipt, productName, specification, grade, colourNumber, batch, quantity, purchasedOn, description } = about;
  return { receipt, productName, specification, grade, colourNumber, batch, quantity, purchasedOn, description };
}

/** @throws notRouted */
function sectionOf({ sections }: QualityComplaintForm, department: FormDepartment): Section {
  const found = sections.find((section) => section.department === department);
  if (!found) throw notRouted({ department }, { field: 'department' });
  return found;
}

/** A section is done once it is signed, not before. */
const seen = ({ heads: _, filledBy, signedBy, signedAt, ...section }: Section) => ({
  ...section,
  ...(filledBy ? { filledById: filledBy } : {}),
  ...(signedBy ? { signedById: signedBy, signedAt } : {}),
  done: signedAt !== undefined,
});

function write(subject: QualityComplaintForm, department: FormDepartment, part: Partial<Section>): void {
  subject.sections = subject.sections.map((section) =>
    section.department === department ? { ...section, ...part } : section,
  );
}

type Notice = FactData<ReturnType<typeof noticeEvents>['requested']>;
function tell(
  work: Work,
  { id, number, state }: QualityComplaintForm,
  rule: string,
  task: Pick<Notice, 'move' | 'dueAt' | 'to'>,
) {
  const { name: procedure, path } = formProcedure;
  work.notify({ kind: 'task', procedure, path, about: id, number, state, ...task }, rule);
}

/**
 * C-08, T25: a complaint is closed once the office has received the copy of its form, and of the edition that tells of the
 * way it ended.
 * @throws copyMissing
 */
export async function requireFiled(work: Work, complaintId: string): Promise<void> {
  await work.em.flush();
  const [form] = await work.query<{ number: string; state: string; outdated: boolean }>(
    'SELECT number, state, outdated FROM quality_complaint_form WHERE complaint = $1',
    [complaintId],
  );
  if (form?.state !== 'filed') throw copyMissing({ form: form?.number ?? '—', state: form?.state ?? '—' });
  if (form.outdated) throw copyMissing({ form: form.number, state: 'reopened' });
}
