import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { bind, follow, publish, type Bound } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { settings } from '../config.js';
import { capaFor } from '../quality-forms/capa.js';
import { requireFiled, tellForm } from '../quality-forms/form.js';
import { surveyComplaint } from '../surveys/issuing.js';
import { assign, assignTo, isSerious, requireHandler, requireNotComplainedOf } from './handler.js';
import { complaintFacts, severityBefore } from './complaint-facts.js';
import { changeLimits, keepBreached, restsFrom } from './clocks.js';
import { complaintProcedure } from './complaint-procedure.js';
import { Complaint } from './complaint-tables.js';
import { complaintFilters, complaintView } from './complaint-view.js';
import { areasAsked, notifyDepartments, requireFound, withdrawInquiries } from './inquiry.js';
import { logComplaint, requireBought } from './logging.js';
import { repeatOf, requireCost, requireMayDecide, totalCost } from './remedy.js';
import { askReturn } from './return-request.js';
import { lower, raise } from './severity.js';
import { businessMinutes, businessSeconds, usedBefore } from './stages.js';
import { planVisit, recordVisit, requireVisited } from './visit.js';

/** What the moves of a quality complaint do. */
export const complaint: Bound<Complaint, typeof complaintProcedure> = bind(complaintProcedure, {
  entity: Complaint,
  create: logComplaint,

  effects: {
    assign: async (subject, { personId }, work) => {
      Object.assign(subject, await assignTo(work, subject, personId));
    },
    reassign: async (subject, _, work) => {
      Object.assign(subject, await assign(work, subject));
    },
    acknowledge: (subject, _, work) => {
      requireHandler(subject, work);
      subject.responseMinutes ??= businessMinutes(work.calendar, subject.receivedAt, work.now);
    },
    notifyDepartments: async (subject, { areas }, work) => {
      requireHandler(subject, work);
      Object.assign(subject, { areas: [...new Set(areas)], askedAt: work.now });
      await notifyDepartments(work, subject, subject.areas);
    },
    notifyFurther: async (subject, { areas }, work) => {
      requireHandler(subject, work);
      const asked = await areasAsked(work, subject);
      const added = areas.filter((area) => !asked.includes(area));
      if (added.length === 0) throw notifiedAlready({}, { field: 'areas' });
      subject.areas = [...new Set([...subject.areas, ...added])];
      await notifyDepartments(work, subject, added);
    },
    confirmCause: async (subject, { cause, finding }, work) => {
      requireHandler(subject, work);
      await requireFound(work, subject, cause);
      Object.assign(subject, { cause, finding });
    },
    planVisit: async (subject, form, work) => {
      requireHandler(subject, work);
      await planVisit(subject, form, work);
    },
    recordVisit: async (subject, form, work) => {
      requireHandler(subject, work);
      await recordVisit(subject, form, work);
    },
    judge: (subject, { verdict, evidence }, work) => {
      requireHandler(subject, work);
      requireVisited(subject);
      Object.assign(subject, { verdict, evidence, judgedOn: work.today, furtherRoutes: null });
    },
    reject: (subject, { evidence, furtherRoutes }, work) => {
      requireHandler(subject, work);
      requireVisited(subject);
      const decided = { remedy: null, estimatedCost: null, proposedRemedy: null, proposedCost: null, repeat: null };
      Object.assign(subject, decided, { verdict: 'not-justified', evidence, judgedOn: work.today, furtherRoutes });
    },
    proposeRemedy: (subject, { remedy, estimatedCost }, work) => {
      requireHandler(subject, work);
      Object.assign(subject, { proposedRemedy: remedy, proposedCost: requireCost(remedy, estimatedCost) });
    },
    decide: async (subject, { remedy, estimatedCost }, work) => {
      const cost = requireCost(remedy, estimatedCost);
      await requireMayDecide(subject, estimatedCost, work);
      const asked = { returnRequest: null, returnState: null, returnNumber: null, returnRefusal: null };
      Object.assign(subject, asked, { remedy, estimatedCost: cost, repeat: await repeatOf(work, subject) });
    },
    requestReturn: async (subject, { cause, lines }, work) => {
      requireHandler(subject, work);
      if (subject.remedy !== 'replace' && subject.remedy !== 'refund') throw nothingComesBack();
      if (!subject.shipment || !subject.shipmentLine) throw nothingKnownBought();
      if (subject.returnState === 'requested' || subject.returnState === 'granted') throw returnPending();
      const { id: returnRequest } = await askReturn(work, {
        complaintId: subject.id,
        complaintNumber: subject.number,
        shipmentId: subject.shipment,
        lines: lines ?? [{ shipmentLine: subject.shipmentLine, quantity: String(subject.quantity) }],
        remedy: subject.remedy === 'refund' ? 'credit' : 'replacement',
        cause,
      });
      Object.assign(subject, { returnRequest, returnState: 'requested', returnNumber: null, returnRefusal: null });
    },
    returnRefused: (subject, { refusal }, work) => {
      subject.returnRefusal = refusal;
      endOfWait(subject, work);
    },
    resolve: async (subject, { actualCost }, work) => {
      if (subject.returnState === 'requested' || subject.returnState === 'granted') throw returnPending();
      const cost = requireCost(subject.remedy!, actualCost);
      // what was decided is only carried out; more than that is decided anew
      const more = cost.compare(subject.estimatedCost!) > 0;
      if (more) await requireMayDecide(subject, actualCost, work);
      else requireHandler(subject, work);
      subject.actualCost = cost;
      const taken = businessSeconds(work.calendar, subject.receivedAt, work.now) - subject.waitedSeconds;
      subject.resolutionMinutes = Math.max(0, Math.floor(taken / 60));
      subject.followUpOn = work.calendar.addDays(work.today, settings(work).FOLLOW_UP_DAYS);
    },
    informCustomer: (subject, { informedOn, by }, work) => {
      requireNotComplainedOf(subject, work);
      const since = work.calendar.dateOf(subject.enteredAt);
      if (informedOn > work.today || informedOn < since)
        throw notThatDay({ date: informedOn }, { field: 'informedOn' });
      Object.assign(subject, { informedOn, informedBy: by });
    },
    followUp: (subject, { satisfied, score, note }, work) => {
      requireNotComplainedOf(subject, work);
      if (!subject.informedOn) throw notInformed();
      Object.assign(subject, { satisfied, score, followUpNote: note ?? null });
    },
    reopen: async (subject, _, work) => {
      requireNotComplainedOf(subject, work);
      // what was not justified counts against the quantity bought again
      const { shipment, shipmentLine: line, id, quantity, verdict } = subject;
      if (verdict === 'not-justified' && shipment && line) await requireBought(work, { shipment, line }, quantity, id);
      Object.assign(subject, { verdict: null, judgedOn: null, informedOn: null, informedBy: null, repeat: null });
      subject.spent = totalCost(subject) ?? Money.zero;
      Object.assign(subject, { actualCost: null, resolutionMinutes: null, followUpOn: null, closedAt: null });
    },
    archive: async (subject, _, work) => {
      requireNotComplainedOf(subject, work);
      if (!subject.informedOn) throw notInformed();
      if (!subject.historic) await requireFiled(work, subject.id);
      subject.closedAt = work.now;
    },
    raiseSeverity: (subject, form, work) => {
      requireHandler(subject, work);
      severityBefore.set(subject, subject.severity);
      raise(subject, form);
    },
    lowerSeverity: (subject, form, work) => {
      requireNotComplainedOf(subject, work);
      severityBefore.set(subject, subject.severity);
      lower(subject, form);
    },
    waitForCustomer: async (subject, { question }, work) => {
      requireHandler(subject, work);
      const { state, enteredAt } = subject;
      const used = usedBefore(subject) + businessSeconds(work.calendar, enteredAt, await restsFrom(work, subject));
      Object.assign(subject, { waitingIn: state, question, usedSeconds: used });
    },
    customerAnswered: (subject, { answer }, work) => {
      requireNotComplainedOf(subject, work);
      const { waitingIn } = subject;
      Object.assign(subject, { answer, resumedAt: work.now });
      endOfWait(subject, work);
      return waitingIn as 'resolving';
    },
  },

  follows: {
    log: (subject, work) => {
      if (subject.handler) publish(work, complaint, subject, 'assigned');
      tellHandler(subject, work);
    },
    assign: (subject, work) => tellHandler(subject, work),
    reassign: (subject, work) => tellHandler(subject, work),
    confirmCause: (subject, work) => withdrawInquiries(work, subject.id),
    proposeRemedy: (subject, work) => {
      const to = { powers: { 'deputy-general-manager-sales': 'all', 'general-manager': 'all' } };
      work.notify({ ...noticeOf(subject), kind: 'approval', move: 'decide', to }, 'C-06');
    },
    decide: (subject, work) => capaFor(work, subject),
    reject: tellForm,
    resolve: tellForm,
    reopen: tellForm,
    returnRefused: (subject, work) => tellHandler(subject, work),
    informCustomer: (subject, work) => surveyComplaint(work, subject),
    followUp: async (subject, work) => {
      if (subject.satisfied === false) await follow(work, complaint, subject, 'reopen', {}, dissatisfied);
    },
    customerAnswered: (subject, work) => keepBreached(work, subject),
    raiseSeverity: async (subject, work) => {
      await afterSeverity(subject, work);
      const { severity, verdict } = subject;
      if (isSerious(severity) || verdict === 'justified' || verdict === 'partly') await capaFor(work, subject);
    },
    lowerSeverity: afterSeverity,
  },

  facts: complaintFacts,
  view: complaintView,
  filters: complaintFilters,
  listedBy: 'receivedOn',
});

const dissatisfied = '回访不满意 The customer is not satisfied';

/** The customer has answered, or there is nothing more to wait for; how long it was waited counts. */
function endOfWait(subject: Complaint, work: Work): void {
  if (subject.state === 'waiting-for-customer')
    subject.waitedSeconds += businessSeconds(work.calendar, subject.enteredAt, work.now);
  Object.assign(subject, { waitingIn: null, question: null });
}

/** C-16: its clocks, and from serious on the deputy general manager; it never goes back by itself. */
async function afterSeverity(subject: Complaint, work: Work): Promise<void> {
  await changeLimits(work, subject);
  if (isSerious(subject.severity) && subject.handlerRole === 'sales-manager')
    await follow(work, complaint, subject, 'reassign');
}

/** The handler is told at once that it is theirs. */
function tellHandler(subject: Complaint, work: Work): void {
  const { handler, handlerRole } = subject;
  const to = handler ? { persons: [handler] } : { powers: { [handlerRole]: 'all' } };
  work.notify({ ...noticeOf(subject), kind: 'task', to }, 'C-01');
}

const noticeOf = ({ id, number, state }: Complaint) => ({
  procedure: 'complaint',
  path: 'complaints',
  about: id,
  number,
  state,
});

const notifiedAlready = domainError({
  code: 'complaints.complaint.notified-already',
  kind: 'unprocessable',
  rule: 'C-03',
  en: 'The departments of these areas have been told already.',
  zh: '相关部门已经收到通知。',
});
const nothingComesBack = domainError({
  code: 'complaints.complaint.nothing-comes-back',
  kind: 'conflict',
  rule: 'C-06',
  en: 'Goods come back to be replaced or refunded only.',
  zh: '只有换货或退款的处理方式才需退货。',
});
const nothingKnownBought = domainError({
  code: 'complaints.complaint.no-purchase',
  kind: 'conflict',
  rule: 'C-06',
  en: 'The goods are of no shipping order known here, so their return is asked for in orders.',
  zh: '该货物没有对应的出货单，请在订单系统中办理退货。',
});
const returnPending = domainError({
  code: 'complaints.complaint.return-pending',
  kind: 'conflict',
  rule: 'C-06',
  en: 'A return is under way; it comes to its end first.',
  zh: '退货正在办理中，须先办结。',
});
const notInformed = domainError({
  code: 'complaints.complaint.customer-not-informed',
  kind: 'conflict',
  rule: 'C-07',
  en: 'First the customer is told of the outcome, by which way and when (ISO 10002, 7.8).',
  zh: '须先将处理结果告知客户，并登记告知日期和方式（ISO 10002 7.8）。',
});
const notThatDay = domainError({
  code: 'complaints.complaint.informed-not-that-day',
  kind: 'unprocessable',
  rule: 'C-07',
  en: 'The customer can not have been told on {date}: after the outcome, and not later than today.',
  zh: '告知日期不能是{date}：须在作出结果之后，且不得晚于今天。',
});
