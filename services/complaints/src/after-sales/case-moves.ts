import { domainError } from '@fenxiao/domain/domain-error';
import { powerTo, roleFor } from '@fenxiao/service-kit/actor';
import { bind } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { placedPhotographs } from '../attachments/attached.js';
import { distributorUnits } from '../purchases.js';
import { AfterSalesCase, afterSales } from './after-sales-case.js';
import { aboutOf, administrator, dayOf, instantOf, minutesUntil, reported, technical, tell } from './report.js';

/** C-10: what the moves of an after-sales case do. */
export const afterSalesCase = bind(afterSales, {
  entity: AfterSalesCase,
  create: async (form, work, base) =>
    work.em.create(AfterSalesCase, {
      ...base,
      ...(await reported(work, form)),
      number: await documentNumber(work, 'SH', work.today),
      description: form.description,
      address: form.address ?? null,
      suggestions: [],
      ...nothingYet,
    }),
  effects: {
    notifyManager: (subject, { at }, work) => {
      subject.notifiedAt = instantOf(work, at, 'at', subject.receivedAt);
    },
    suggest: (subject, { suggestion }, work) => {
      const said = { by: work.actor.person, at: work.now.toISOString(), suggestion };
      if (subject.suggestions.length >= mostSuggestions) throw enoughSuggestions({ most: mostSuggestions });
      subject.suggestions = [...subject.suggestions, said];
    },
    goOnSite: (subject, { visitedOn, findings }, work) => {
      subject.visitedOn = dayOf(work, visitedOn, 'visitedOn', subject.receivedAt);
      subject.findings = findings;
    },
    requestPhotos: (subject, { photosWanted = null }) => {
      subject.photosWanted = photosWanted;
    },
    receivePhotos: async (subject, _, work) => {
      subject.photographs = await placedPhotographs(work, afterSales.name, subject.id);
      if (subject.photographs === 0) throw noPhotographs();
    },
    signOpinion: (subject, { opinion }, work) => {
      subject.opinion = opinion;
      subject.opinionBy = work.actor.person;
    },
    decide: (subject, { verified, decision, service }, work) => {
      if (subject.opinionBy === work.actor.person) throw ownOpinion();
      Object.assign(subject, { verified, decision, service, decidedAt: work.now, decidedBy: work.actor.person });
      // technical's, unless the powers were changed since: then it shows
      subject.decidedRole = roleFor(work.actor, powerTo(work.actor, afterSales, 'decide'))!.role;
    },
    recordService: (subject, { servicedOn, result }, work) => {
      subject.servicedOn = dayOf(work, servicedOn, 'servicedOn', subject.decidedAt!);
      subject.result = result;
    },
    informManager: (subject, { at, way }, work) => {
      // the day of the service is known, not its hour
      subject.informedAt = instantOf(work, at, 'at', work.calendar.startOfDay(subject.servicedOn!));
      subject.informedWay = way;
    },
  },
  follows: {
    report: (subject, work) => tell(work, afterSales, subject, 'task', administrator, 'notify-manager'),
    notifyManager: (subject, work) => tell(work, afterSales, subject, 'information', { 'regional-manager': 'region' }),
    requestPhotos: (subject, work) => tell(work, afterSales, subject, 'task', 'owner'),
    goOnSite: (subject, work) =>
      tell(work, afterSales, subject, 'task', { 'sales-general-manager': 'all' }, 'sign-opinion'),
    receivePhotos: (subject, work) =>
      tell(work, afterSales, subject, 'task', { 'sales-general-manager': 'all' }, 'sign-opinion'),
    signOpinion: (subject, work) => tell(work, afterSales, subject, 'task', technical, 'begin-verifying'),
    decide: (subject, work) => tell(work, afterSales, subject, 'task', administrator, 'record-service'),
    informManager: (subject, work) => tell(work, afterSales, subject, 'information', { 'regional-manager': 'region' }),
  },
  facts: {
    reported: (subject) => ({ ...aboutOf(subject), description: subject.description }),
    'rm-notified': (subject, { way }, work) => ({
      ...aboutOf(subject),
      noticeMinutes: minutesUntil(subject, subject.notifiedAt!, work),
      notifiedAt: subject.notifiedAt!.toISOString(),
      way,
    }),
    suggested: (subject, form) => ({ ...aboutOf(subject), ...form }),
    'on-site': (subject, form) => ({ ...aboutOf(subject), ...form }),
    'photos-requested': (subject) => aboutOf(subject),
    'photos-received': (subject) => ({ ...aboutOf(subject), photographs: subject.photographs! }),
    'opinion-signed': (subject, form) => ({ ...aboutOf(subject), ...form }),
    'verification-begun': (subject) => aboutOf(subject),
    decided: (subject, form, work) => ({
      ...aboutOf(subject),
      ...form,
      ...decisionOf(subject),
      decisionMinutes: minutesUntil(subject, work.now, work),
    }),
    serviced: (subject, form, work) => ({
      ...aboutOf(subject),
      ...form,
      resolutionMinutes: minutesUntil(subject, work.now, work),
    }),
    'rm-informed': (subject, { way }) => ({
      ...aboutOf(subject),
      informedAt: subject.informedAt!.toISOString(),
      way,
    }),
    closed,
  },
  // what came out is the customer's; what we think and found on the way is ours
  view: (subject, { positions }) => ({
    ...aboutOf(subject),
    ...seen(subject),
    ...(distributorUnits(positions) ? {} : inside(subject)),
  }),
  filters: { number: 'number', distributorId: 'distributor', productId: 'product', reporterId: 'owner' },
});

/** more than enough to say what one has to say */
const mostSuggestions = 100;

const nothingYet = {
  notifiedAt: null,
  visitedOn: null,
  findings: null,
  photosWanted: null,
  photographs: null,
  opinion: null,
  opinionBy: null,
  verified: null,
  decision: null,
  service: null,
  decidedAt: null,
  decidedBy: null,
  decidedRole: null,
  servicedOn: null,
  result: null,
  informedAt: null,
  informedWay: null,
};

const decisionOf = ({ decidedBy, decidedRole }: AfterSalesCase) => ({
  decidedBy: decidedBy!,
  decidedRole: decidedRole!,
});

function closed(subject: AfterSalesCase, _: unknown, work: Work) {
  const { notifiedAt, decidedAt, informedAt, service, servicedOn } = subject;
  return {
    ...aboutOf(subject),
    ...decisionOf(subject),
    notifiedAt: notifiedAt!.toISOString(),
    decidedAt: decidedAt!.toISOString(),
    service: service!,
    servicedOn: servicedOn!,
    informedAt: informedAt!.toISOString(),
    closureMinutes: minutesUntil(subject, work.now, work),
  };
}

function seen({ description, contact, telephone, address, owner, ...rest }: AfterSalesCase) {
  const { notifiedAt, visitedOn, photosWanted, photographs, decision, service } = rest;
  const { decidedAt, decidedBy, servicedOn, result, informedAt, informedWay } = rest;
  return {
    reporterId: owner,
    description,
    contact,
    telephone,
    address,
    notifiedAt,
    visitedOn,
    photosWanted,
    photographs,
    decision,
    service,
    decidedAt,
    decidedBy,
    servicedOn,
    result,
    informedAt,
    informedWay,
  };
}

const inside = ({ suggestions, findings, opinion, verified }: AfterSalesCase) => ({
  suggestions,
  findings,
  opinion,
  verified,
});

const noPhotographs = domainError({
  code: 'complaints.after-sales.no-photographs',
  kind: 'unprocessable',
  rule: 'C-10',
  en: 'Not one photograph that can be read to its end and whose place is known has been uploaded yet.',
  zh: '尚未上传任何完整可读且注明拍摄地点的照片。',
});
const ownOpinion = domainError({
  code: 'complaints.after-sales.own-opinion',
  kind: 'forbidden',
  rule: 'C-10',
  en: 'Whoever signed the opinion does not decide the case as well.',
  zh: '签署意见者不得再对该售后事项作出决定。',
});
const enoughSuggestions = domainError({
  code: 'complaints.after-sales.enough-suggestions',
  kind: 'unprocessable',
  rule: 'C-10',
  en: 'A case takes {most} suggestions at most.',
  zh: '每个售后事项最多可提{most}条建议。',
});
