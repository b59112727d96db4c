import { competitorEvents } from '@fenxiao/contracts/planning';
import { Code, Line } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { staff } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';

/** P-41 Competitor profile 竞争对手概况, in part: the vendors of the market, and which of them is us. */
const CompetitorSchema = defineEntity({
  name: 'Competitor',
  tableName: 'competitor',
  properties: (p) => ({ ...subjectColumns, code: p.text(), name: p.text(), us: p.boolean() }),
});
export class Competitor extends CompetitorSchema.class {}
CompetitorSchema.setClass(Competitor);

/** The name under which vendors count that nobody has registered. */
export const OTHER = 'other';

const researchers: Powers = { 'market-researcher': 'all', 'marketing-section': 'all', 'sales-manager': 'all' };

export const competitor = bind(
  procedure({
    name: 'competitor',
    clause: 'P-41',
    events: competitorEvents,
    states: ['active'],
    read: staff,
    start: {
      move: 'register',
      to: 'active',
      by: researchers,
      form: z.object({ code: Code, name: Line }),
      fact: 'registered',
      daily: true,
    },
    moves: {
      chooseAsUs: {
        clause: 'P-42',
        from: 'active',
        by: { 'sales-manager': 'all', 'deputy-general-manager-sales': 'all' },
        fact: 'chosen-as-us',
      },
    },
  }),
  {
    entity: Competitor,
    create: async ({ code, name }, work, base) => {
      if (code.toLowerCase() === OTHER) throw reserved({ code }, { field: 'code' });
      const [taken] = await work.query('SELECT FROM competitor WHERE code = $1', [code]);
      if (taken) throw codeTaken({ code }, { field: 'code' });
      return work.em.create(Competitor, { ...base, region: null, code, name, us: false });
    },
    effects: { chooseAsUs: (subject, _, work) => becomeUs(work, subject) },
    facts: { registered: fact, 'chosen-as-us': fact },
    view: fact,
    filters: { code: 'code' },
  },
);

/** The one before gives way first, since only one may be us. */
export async function becomeUs(work: Work, subject: Competitor): Promise<void> {
  await work.em.flush();
  await work.query('UPDATE competitor SET us = false WHERE us AND id <> $1', [subject.id]);
  subject.us = true;
}

export function fact({ code, name }: Competitor) {
  return { code, name };
}

const reserved = domainError({
  code: 'planning.competitor.reserved',
  kind: 'unprocessable',
  rule: 'P-41',
  en: '"{code}" stands for all vendors nobody has registered.',
  zh: '“{code}”代表所有未登记的厂商。',
});
const codeTaken = domainError({
  code: 'planning.competitor.code-taken',
  kind: 'conflict',
  rule: 'P-41',
  en: 'There is already a competitor {code}.',
  zh: '竞争对手编码{code}已存在。',
});
