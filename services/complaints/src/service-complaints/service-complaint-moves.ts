import type { Severity } from '@fenxiao/contracts/complaints';
import type { Audience } from '@fenxiao/contracts/platform';
import { domainError } from '@fenxiao/domain/domain-error';
import { heldBy } from '@fenxiao/service-kit/actor';
import { sealOf } from '@fenxiao/service-kit/archive';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { mayOpen } from '../form-opener.js';
import { restartUnbreached } from '../running-clocks.js';
import { requireLowered, requireRaised } from '../severity.js';
import { departmentOf, othersWorkIn, requireOurs, requireWorksIn, unitsOf } from './departments.js';
import { serviceComplaintProcedure, type informForm } from './service-complaint-procedure.js';
import type { ServiceComplaint } from './service-complaint-table.js';
import { accusedActs, isForOffice, requireNotAccused, requireSide } from './sides.js';

/** C-12, C-13: what each move of the form does, and what refuses it. */

interface Opening {
  readonly accusedId: string;
  readonly unit?: string | undefined;
  readonly severity: Severity;
  readonly standard?: string | undefined;
}

export const effects = {
  open: async (subject: ServiceComplaint, { accusedId, unit, severity, standard }: Opening, work: Work) => {
    requireNotAccused(work, accusedId);
    if (!(await mayOpen(work, accusedId))) throw managerOpens();
    await requireOurs(work, accusedId, 'accusedId');
    subject.accused = accusedId;
    subject.unit = await departmentOf(work, accusedId, unit, work.calendar.dateOf(subject.receivedAt));
    subject.severity = severity;
    subject.standard = standard ?? null;
  },
  raiseSeverity: (subject: ServiceComplaint, { severity }: { severity: Severity }, work: Work) => {
    requireRaised(subject.severity!, severity);
    return changeSeverity(work, subject, severity);
  },
  lowerSeverity: (subject: ServiceComplaint, { severity }: { severity: Severity }, work: Work) => {
    requireLowered(subject.severity!, severity);
    return changeSeverity(work, subject, severity);
  },
  escalate: (subject: ServiceComplaint, { suggestion }: { suggestion: string }, work: Work) => {
    requireNotAccused(work, subject.accused);
    subject.suggestion = suggestion;
  },
  sendToDepartment: nameHandler,
  assignHandler: nameHandler,
  handle: async (subject: ServiceComplaint, { measures }: { measures: string }, work: Work) => {
    requireNotAccused(work, subject.accused);
    const { person } = work.actor;
    await requireDepartment(work, subject);
    const head = heldBy(work.actor, { by: { 'head-of-department': 'unit' } }, subject);
    if (subject.handler !== null && subject.handler !== person && !head) throw otherHandler();
    subject.handler = person;
    subject.measures = measures;
  },
  verify: (subject: ServiceComplaint, { founded, findings }: { founded: boolean; findings: string }, work: Work) => {
    requireHandling(work, subject);
    if (subject.founded !== null) throw verifiedAlready();
    subject.founded = founded;
    subject.findings = findings;
  },
  /** told anew, if it had been told before: the time for that begins now */
  settle: async (subject: ServiceComplaint, { result }: { result: string }, work: Work) => {
    requireHandling(work, subject);
    if (subject.founded === null) throw notVerified();
    subject.result = result;
    if (subject.informedOn === null) return;
    subject.informedOn = null;
    subject.way = null;
    subject.enteredAt = work.now;
    await restartUnbreached(work, serviceComplaintProcedure, subject, ['informCustomer', 'sendCopy']);
  },
  informCustomer: (subject: ServiceComplaint, { informedOn, way }: z.infer<typeof informForm>, work: Work) => {
    requireHandling(work, subject);
    if (subject.result === null) throw noResult();
    if (informedOn > work.today || informedOn < work.calendar.dateOf(subject.receivedAt))
      throw notYet({}, { field: 'informedOn' });
    subject.informedOn = informedOn;
    subject.way = way;
  },
  sendCopy: (subject: ServiceComplaint, _: object, work: Work) => {
    requireNotAccused(work, subject.accused);
    if (subject.result === null || subject.informedOn === null) throw notInformed();
  },
  receiveCopy: async (subject: ServiceComplaint, _: object, work: Work) => {
    requireNotAccused(work, subject.accused);
    subject.digest = (await sealOf(work, 'service-complaint', subject.id))!;
  },
};

/** Whoever is to handle it in the department; where nobody is named, anybody of it but who is complained of. */
async function nameHandler(subject: ServiceComplaint, { handlerId }: { handlerId?: string | undefined }, work: Work) {
  requireHandling(work, subject);
  if (handlerId !== undefined && handlerId === subject.accused) throw accusedActs({}, { field: 'handlerId' });
  if (handlerId !== undefined) await requireWorksIn(work, handlerId, subject.unit!, 'handlerId');
  subject.handler = handlerId ?? null;
  subject.owner = subject.handler;
}

/** The department handles it; where nobody but who is complained of works there, whoever answers for it. */
async function requireDepartment(work: Work, { unit, accused, severity }: ServiceComplaint): Promise<void> {
  if ((await unitsOf(work, work.actor.person)).includes(unit!)) return;
  if (await othersWorkIn(work, unit!, accused!)) throw departmentHandles({ unit: unit! });
  requireSide(work, severity!);
}

/** Whether it is this side's, not the person's complained of, and, where it is the office's, reported to it by sales. */
function requireHandling(work: Work, { accused, severity, suggestion }: ServiceComplaint): void {
  requireNotAccused(work, accused);
  requireSide(work, severity!);
  if (isForOffice(severity!) && suggestion === null) throw notEscalated({ severity: severity! });
}

/** A penalty is of a band: the severity that it was proposed by stays as long as it stands. Both lock the complaint's row. */
async function changeSeverity(work: Work, subject: ServiceComplaint, severity: Severity): Promise<void> {
  requireNotAccused(work, subject.accused);
  if (subject.result !== null) throw settledAlready();
  const [penalty] = await work.query<{ number: string }>(
    `SELECT number FROM penalty WHERE complaint = $1 AND state NOT IN ('rejected', 'overturned') LIMIT 1`,
    [subject.id],
  );
  if (penalty) throw penaltyStands({ penalty: penalty.number });
  subject.previousSeverity = subject.severity;
  subject.severity = severity;
  if (subject.state === 'with-department')
    await restartUnbreached(work, serviceComplaintProcedure, subject, ['handle']);
}

/** What every fact of it says. */
export function fact(subject: ServiceComplaint) {
  const { number, channel, receivedAt, region, distributor, distributorCode } = subject;
  const { severity, accused, unit, standard, handler } = subject;
  return {
    number,
    channel,
    receivedAt: receivedAt.toISOString(),
    ...(region ? { regionId: region } : {}),
    ...(distributor && distributorCode ? { distributorId: distributor, distributorCode } : {}),
    ...(severity ? { severity } : {}),
    ...(accused ? { accusedId: accused } : {}),
    ...(unit ? { unit } : {}),
    ...(standard ? { standard } : {}),
    ...(handler ? { handlerId: handler } : {}),
  };
}

/** Gives whoever has to act a task; never the person complained of. */
export function tell(work: Work, subject: ServiceComplaint, move: string, to: Audience, rule = 'C-12'): void {
  const { id, number, state, accused } = subject;
  const except = accused ? { except: [accused] } : {};
  work.notify(
    { kind: 'task', procedure: 'service-complaint', about: id, number, move, state, to: { ...to, ...except } },
    rule,
  );
}

export const someCustomer = domainError({
  code: 'complaints.service-complaint.some-customer',
  kind: 'unprocessable',
  rule: 'C-12',
  en: 'A complaint names its customer, by code or by name.',
  zh: '投诉须注明客户编码或客户名称。',
});
export const notYet = domainError({
  code: 'complaints.service-complaint.wrong-date',
  kind: 'unprocessable',
  rule: 'C-13',
  en: 'That day is still to come, or lies before the complaint.',
  zh: '该日期尚未到来，或早于投诉之日。',
});
const managerOpens = domainError({
  code: 'complaints.form.manager-opens',
  kind: 'forbidden',
  rule: 'C-12',
  en: 'The sales manager opens this form; the deputy general manager where the manager is away or complained of.',
  zh: '此表由销售经理填写；销售经理不在岗或被投诉时方由销售副总填写。',
});
const otherHandler = domainError({
  code: 'complaints.service-complaint.other-handler',
  kind: 'forbidden',
  rule: 'C-12',
  en: 'Somebody else of the department was named to handle it.',
  zh: '该投诉已指定部门内其他人员经办。',
});
const departmentHandles = domainError({
  code: 'complaints.service-complaint.department-handles',
  kind: 'forbidden',
  rule: 'C-12',
  en: 'The department at fault handles it: {unit}.',
  zh: '该投诉由责任人所在部门处理：{unit}。',
});
const notEscalated = domainError({
  code: 'complaints.service-complaint.not-escalated',
  kind: 'conflict',
  rule: 'C-13',
  en: 'A complaint that is {severity} is first reported to the office, with what sales suggests in writing.',
  zh: '情节为{severity}的投诉须先由销售部书面提出处理建议并上报办公室。',
});
const verifiedAlready = domainError({
  code: 'complaints.service-complaint.verified',
  kind: 'conflict',
  rule: 'C-13',
  en: 'Whether it is true has been found out already.',
  zh: '该投诉已查实。',
});
const notVerified = domainError({
  code: 'complaints.service-complaint.not-verified',
  kind: 'conflict',
  rule: 'C-13',
  en: 'First it is found out whether the complaint is true.',
  zh: '须先查实投诉是否属实。',
});
const noResult = domainError({
  code: 'complaints.service-complaint.no-result',
  kind: 'conflict',
  rule: 'C-13',
  en: 'There is no result yet that the customer could be told.',
  zh: '尚无可告知客户的处理结果。',
});
const settledAlready = domainError({
  code: 'complaints.service-complaint.settled',
  kind: 'conflict',
  rule: 'C-16',
  en: 'The complaint has its result; its severity stays.',
  zh: '投诉已有处理结果，情节等级不再变更。',
});
const penaltyStands = domainError({
  code: 'complaints.service-complaint.penalty-stands',
  kind: 'conflict',
  rule: 'C-14',
  en: 'The penalty {penalty} was proposed by its severity, which stays as long as that stands.',
  zh: '处罚{penalty}已按现有情节提出，处罚有效期间情节等级不再变更。',
});
const notInformed = domainError({
  code: 'complaints.service-complaint.customer-not-informed',
  kind: 'conflict',
  rule: 'C-13',
  en: 'It is not closed before the customer has been told the result: when and by which way.',
  zh: '未将处理结果告知客户（注明日期和方式）前，不得结案。',
});
