import { priceCutEvents, priceCutForm, priceCutTerms } from '@fenxiao/contracts/price-cuts';
import { domainError } from '@fenxiao/domain/domain-error';
import { approval } from '@fenxiao/procedures/approval';
import { staff } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { bind, follow, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { keepApart } from '../duties.js';
import { columnsOf, formOf, PriceCut, termsOf, type CutForm, type CutTerms } from './price-cut-table.js';
import { lockCuts, requireAlone, requireDates, requireSound } from './soundness.js';

/**
 * O-14 Short price cut 短期削价: a promotion with start and end, not a change of the list, by the chain of P-20: the regional
 * manager drafts and submits, the deputy general manager for sales adjusts, the sales general manager passes or returns, the
 * general manager approves; no step is left out, and nobody takes two. The system starts and ends it on its days.
 */
const author: Powers = { 'regional-manager': 'own' };
const system: Powers = { system: 'all' };
const pending = ['draft', 'returned', 'submitted', 'adjusted', 'reviewed'] as const;
const { title, proposal, productCodes, families, regionIds, ...rest } = priceCutTerms;
/** What is left out stays as it was submitted. */
const adjustForm = z.object({
  title: title.optional(),
  proposal: proposal.optional(),
  productCodes: productCodes.unwrap().optional(),
  families: families.unwrap().optional(),
  regionIds: regionIds.optional(),
  percentOff: rest.percentOff,
  cutPrice: rest.cutPrice,
  startsOn: rest.startsOn.optional(),
  endsOn: rest.endsOn.optional(),
});

const adjustment = approval({
  in: 'submitted',
  steps: [{ name: 'adjustment', slots: [{ 'deputy-general-manager-sales': 'all' }] }],
  approved: 'adjusted',
  rejected: 'rejected',
  facts: { approved: 'adjusted', rejected: 'rejected' },
});
const review = approval({
  in: 'adjusted',
  steps: [{ name: 'review', slots: [{ 'sales-general-manager': 'all' }] }],
  approved: 'reviewed',
  rejected: 'rejected',
  returned: 'returned',
  facts: { approved: 'reviewed', rejected: 'rejected', returned: 'returned' },
});
const decision = approval({
  in: 'reviewed',
  steps: [{ name: 'approval', slots: [{ 'general-manager': 'all' }] }],
  approved: 'approved',
  rejected: 'rejected',
  facts: { approved: 'approved', rejected: 'rejected' },
});

const priceCutProcedure = procedure({
  name: 'price-cut',
  clause: 'O-14',
  events: priceCutEvents,
  states: [
    ...(['draft', 'submitted', 'adjusted', 'reviewed', 'returned'] as const),
    ...(['approved', 'running', 'ended', 'rejected', 'withdrawn'] as const),
  ],
  read: staff,
  page: {
    title: 'price-cut',
    sign: ['regional-manager', 'deputy-general-manager-sales', 'sales-general-manager', 'general-manager'],
  },
  start: {
    move: 'draft',
    to: 'draft',
    by: { 'regional-manager': 'region' },
    form: priceCutForm,
    fact: 'drafted',
  },
  moves: {
    edit: {
      from: ['draft', 'returned'],
      by: author,
      form: z.object(priceCutTerms),
      fact: 'changed',
      edits: true,
    },
    submit: { from: ['draft', 'returned'], to: 'submitted', by: author, fact: 'submitted' },
    adjust: { ...adjustment.approve, form: adjustForm },
    pass: review.approve,
    return: review.return,
    approve: decision.approve,
    reject: decision.reject,
    withdraw: { from: pending, to: 'withdrawn', by: author, fact: 'withdrawn', reason: true },
    begin: { from: 'approved', to: 'running', by: system, fact: 'started' },
    end: { from: 'running', to: 'ended', by: system, fact: 'ended' },
  },
});

export const priceCut: Bound<PriceCut, typeof priceCutProcedure> = bind(priceCutProcedure, {
  entity: PriceCut,
  create: async ({ promotionId, ...form }, work, base) => {
    requireOwnRegions(form, work);
    const sound = await requireSound(work, form);
    return work.em.create(PriceCut, {
      ...base,
      ...columnsOf(form, sound),
      number: await documentNumber(work, 'XJ', work.today),
      promotion: promotionId ?? null,
      submitted: null,
    });
  },
  effects: {
    edit: async (cut, form, work) => {
      requireOwnRegions(form, work);
      await rewrite(cut, form, work);
    },
    submit: async (cut, _, work) => {
      cut.taxIncluded = (await requireSound(work, formOf(cut))).taxIncluded;
      await requireAlone(work, cut);
      cut.submitted = null;
    },
    adjust: async (cut, changes, work) => {
      await keepApart(work, 'price-cut.adjust', [cut.id]);
      cut.submitted = termsOf(cut);
      await rewrite(cut, adjusted(formOf(cut), changes), work);
      await requireAlone(work, cut);
    },
    pass: (cut, _, work) => keepApart(work, 'price-cut.pass', [cut.id]),
    return: (cut, _, work) => keepApart(work, 'price-cut.return', [cut.id]),
    approve: async (cut, _, work) => {
      await keepApart(work, 'price-cut.approve', [cut.id]);
      requireDates(cut, work);
      await lockCuts(work);
      await requireAlone(work, cut);
    },
    reject: (cut, _, work) => keepApart(work, 'price-cut.reject', [cut.id]),
  },
  follows: {
    approve: async (cut, work) => {
      if (cut.startsOn <= work.today) await follow(work, priceCut, cut, 'begin');
    },
  },
  facts: {
    drafted: fact,
    changed: fact,
    submitted: fact,
    adjusted: (cut) => ({ ...fact(cut), before: cut.submitted! }),
    reviewed: fact,
    returned: fact,
    approved: fact,
    rejected: fact,
    withdrawn: fact,
    started: fact,
    ended: fact,
  },
  view: (cut) => ({
    ...fact(cut),
    createdBy: cut.createdBy,
    ...(cut.submitted ? { before: cut.submitted } : {}),
  }),
  listedBy: 'startsOn',
  filters: { number: 'number', startsOn: 'startsOn' },
});

function fact(cut: PriceCut): CutTerms & { number: string; promotionId?: string } {
  return { number: cut.number, ...termsOf(cut), ...(cut.promotion ? { promotionId: cut.promotion } : {}) };
}

async function rewrite(cut: PriceCut, form: CutForm, work: Work): Promise<void> {
  Object.assign(cut, columnsOf(form, await requireSound(work, form)));
}

/** The terms as changed: a price takes the place of a percentage, and the other way round. */
function adjusted({ percentOff, cutPrice, ...form }: CutForm, changes: z.infer<typeof adjustForm>): CutForm {
  const changed = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const cut = 'percentOff' in changed || 'cutPrice' in changed ? {} : { percentOff, cutPrice };
  return { ...form, ...cut, ...changed };
}

/** @throws outsideRegion naming the first region that is not the author's, nor below it */
function requireOwnRegions({ regionIds: wanted }: CutForm, { actor }: Work): void {
  const own = actor.positions
    .filter(({ roles }) => roles.includes('regional-manager'))
    .flatMap(({ regions }) => regions);
  const other = wanted.findIndex((id) => !own.includes(id));
  if (other >= 0) throw outsideRegion({}, { field: `regionIds.${other}` });
}

const outsideRegion = domainError({
  code: 'orders.price-cut.outside-region',
  kind: 'forbidden',
  rule: 'O-14',
  en: 'A regional manager proposes price cuts for the own region.',
  zh: '区域经理只能就本区域提出短期削价。',
});
