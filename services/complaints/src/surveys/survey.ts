import { surveyEvents, surveyForm, SurveyWay } from '@fenxiao/contracts/surveys';
import { Note } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { bind, open } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { settings } from '../config.js';
import { customerOf } from '../purchases.js';
import { opinion } from '../service-complaints/opinion.js';
import { pick } from '../service-complaints/pick.js';
import { isLow, scoresOf } from './scales.js';
import { Survey } from './survey-table.js';

/** C-18 Customer survey 客户满意度调查: issued by the system, handed over by sales, answered by the customer and by nobody else. */

/** who hands the link over, and so sees it */
const whoHandsOver: Powers = {
  'order-clerk': 'all',
  'sales-support-clerk': 'all',
  'sales-manager': 'all',
  salesperson: 'own',
};
const system: Powers = { system: 'all' };
/** Until its last day has ended it is handed over and answered. */
const expiry = {
  within: ({ expiresOn }: Survey, calendar: BusinessCalendar) => calendar.endOfDay(expiresOn),
  breach: 'expire',
  // an unanswered survey is nobody's fault
  tell: (): Powers => ({}),
};

export const surveyProcedure = procedure({
  name: 'survey',
  clause: 'C-18',
  events: surveyEvents,
  states: ['issued', 'delivered', 'answered', 'expired'],
  read: { ...headOffice, office: 'all', 'regional-manager': 'region', salesperson: 'own' },
  start: { move: 'issue', to: 'issued', by: system, form: surveyForm, fact: 'issued' },
  moves: {
    deliver: {
      from: 'issued',
      to: 'delivered',
      by: whoHandsOver,
      form: z.object({ way: SurveyWay }),
      fact: 'delivered',
      clock: expiry,
    },
    /** an answer came, and nobody had written down that the link was handed over */
    arrive: { from: 'issued', to: 'delivered', by: system, fact: 'delivered' },
    answer: {
      from: 'delivered',
      to: 'answered',
      by: system,
      form: z.object({ score: z.int(), comment: Note.optional() }),
      fact: 'answered',
      clock: expiry,
    },
    expire: { from: ['issued', 'delivered'], to: 'expired', by: system, fact: 'expired' },
  },
});

export const survey = bind(surveyProcedure, {
  entity: Survey,
  create: async ({ kind, distributorId, aboutId, aboutNumber, period }, work, base) => {
    const customer = await customerOf(work, { id: distributorId });
    const { today, calendar } = work;
    return work.em.create(Survey, {
      ...base,
      region: customer.region,
      owner: await salespersonOf(work, customer.id),
      kind,
      distributor: customer.id,
      distributorCode: customer.code,
      segment: customer.segment,
      about: aboutId ?? null,
      aboutNumber: aboutNumber ?? null,
      period: period ?? null,
      issuedOn: today,
      expiresOn: calendar.addDays(today, settings(work).SURVEY_ANSWER_DAYS),
      deliveredOn: null,
      way: null,
      answeredOn: null,
      score: null,
      comment: null,
      opinion: null,
      number: await documentNumber(work, 'DC', today),
    });
  },
  effects: {
    deliver: (subject, { way }, { today }) => {
      Object.assign(subject, { deliveredOn: today, way });
    },
    arrive: (subject, _, { today }) => {
      subject.deliveredOn = today;
    },
    answer: async (subject, { score, comment }, work) => {
      if (!scoresOf(subject.kind).includes(score)) throw outOfScale({}, { field: 'score' });
      // before anything is changed here, since it is stored at once
      const heard = comment !== undefined && isLow(subject.kind, score);
      const opinion = heard ? await criticism(work, subject, score, comment) : null;
      Object.assign(subject, { answeredOn: work.today, score, comment: comment ?? null, opinion });
    },
  },
  follows: {
    issue: ({ id, number, state, owner, region }, work) => {
      const to = owner ? { persons: [owner] } : { powers: { 'sales-support-clerk': 'all' } as const };
      work.notify(
        {
          kind: 'task',
          procedure: 'survey',
          about: id,
          number,
          move: 'deliver',
          state,
          to: { ...to, region: region! },
        },
        'C-18',
      );
    },
  },
  facts: {
    issued: fact,
    delivered: (subject) => ({ ...fact(subject), ...(subject.way ? { way: subject.way } : {}) }),
    answered: (subject, { score, comment }) => ({
      ...fact(subject),
      answeredOn: subject.answeredOn!,
      score,
      ...(comment === undefined ? {} : { comment }),
      ...(subject.opinion ? { opinionId: subject.opinion } : {}),
    }),
    expired: fact,
  },
  view: (subject) => ({
    ...pick(subject, ['number', 'region', 'kind', 'distributorCode', 'segment', 'aboutNumber', 'period', 'issuedOn']),
    ...pick(subject, ['expiresOn', 'deliveredOn', 'way', 'answeredOn', 'score', 'comment']),
    distributorId: subject.distributor,
    salespersonId: subject.owner,
    aboutId: subject.about,
    opinionId: subject.opinion,
  }),
  filters: { number: 'number', kind: 'kind', distributorId: 'distributor', salespersonId: 'owner' },
});

function fact(subject: Survey) {
  const { number, kind, distributor, distributorCode, segment, region, owner, about, aboutNumber } = subject;
  const { period, issuedOn, expiresOn, deliveredOn } = subject;
  return {
    number,
    kind,
    distributorId: distributor,
    distributorCode,
    segment,
    regionId: region!,
    ...(owner ? { salespersonId: owner } : {}),
    ...(about ? { aboutId: about } : {}),
    ...(aboutNumber ? { aboutNumber } : {}),
    ...(period ? { period } : {}),
    issuedOn,
    expiresOn,
    ...(deliveredOn ? { deliveredOn } : {}),
  };
}

/** Whoever made the customer's latest sale. */
async function salespersonOf(work: Work, customer: string): Promise<string | null> {
  const [latest] = await work.query<{ salesperson: string | null }>(
    'SELECT salesperson FROM known_purchase WHERE customer = $1 ORDER BY shipped_on DESC LIMIT 1',
    [customer],
  );
  return latest?.salesperson ?? null;
}

/** C-17: somebody answers whoever is not satisfied and says why. @returns the opinion's id */
async function criticism(work: Work, about: Survey, score: number, comment: string): Promise<string> {
  const { number, distributorCode, kind } = about;
  const scale = scoresOf(kind).at(-1);
  const content = `${number}: ${score}/${scale}\n${comment}`.slice(0, 4000);
  const form = { kind: 'criticism', channel: 'web', distributorCode, content };
  return (await open(work, opinion, { form, bySystem: true })).id;
}

const outOfScale = domainError({
  code: 'complaints.survey.out-of-scale',
  kind: 'unprocessable',
  rule: 'C-18',
  en: 'Satisfaction is scored from 1 to 5, recommendation from 0 to 10.',
  zh: '满意度评分为1至5，推荐意愿评分为0至10。',
});
