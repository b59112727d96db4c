import { distributorEvents, PartnerType, Segment, Terms } from '@fenxiao/contracts/distributors';
import { Address, Code, Line, PersonName, Telephone } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Sql } from '@fenxiao/messaging/sql';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { regionOf } from './region.js';

/** D-01 Distributor record 经销商: from prospect to active; only an active one may order. */
const DistributorSchema = defineEntity({
  name: 'Distributor',
  tableName: 'distributor',
  properties: (p) => ({
    ...subjectColumns,
    code: p.text(),
    name: p.text(),
    licence: p.text(),
    partnerType: p.text().$type<z.infer<typeof PartnerType>>(),
    segment: p.text().$type<z.infer<typeof Segment>>(),
    class: p.text().$type<'A' | 'B' | 'C'>(),
    terms: p.text().$type<z.infer<typeof Terms>>(),
    paymentDays: p.integer(),
    address: p.text().strictNullable(),
    contactName: p.text().strictNullable(),
    telephone: p.text().strictNullable(),
  }),
});
export class Distributor extends DistributorSchema.class {}
DistributorSchema.setClass(Distributor);

const form = z.object({
  code: Code,
  name: Line,
  licence: Line,
  regionCode: Code,
  partnerType: PartnerType.default('distributor'),
  segment: Segment,
  class: z.enum(['A', 'B', 'C']).default('C'),
  terms: Terms.default('credit'),
  paymentDays: z.int().min(0).max(365).default(30),
  address: Address.optional(),
  contactName: PersonName.optional(),
  telephone: Telephone.optional(),
});

export const readers: Powers = { ...headOffice, 'regional-manager': 'region', salesperson: 'region' };
/** who deals with a distributor's people; the others know the firm */
const contacts: Powers = {
  'sales-manager': 'all',
  'sales-administrator': 'all',
  'sales-support-clerk': 'all',
  'regional-manager': 'region',
};
const desk: Powers = { 'sales-manager': 'all', 'sales-support-clerk': 'all', 'regional-manager': 'region' };
const heads: Powers = { 'sales-manager': 'all', 'deputy-general-manager-sales': 'all' };
const top: Powers = { 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all' };

export const distributor = bind(
  procedure({
    name: 'distributor',
    clause: 'D-01',
    events: distributorEvents,
    states: ['prospect', 'qualified', 'trial', 'active', 'suspended', 'terminated'],
    class: 'confidential',
    read: readers,
    reveal: contacts,
    export: { ...headOffice, 'regional-manager': 'region' },
    start: { move: 'create', to: 'prospect', by: desk, form, fact: 'created' },
    moves: {
      change: {
        from: ['prospect', 'qualified', 'trial', 'active', 'suspended'],
        by: desk,
        // O-26: credit data needs a second person (`payment-terms`)
        form: form.omit({ code: true, licence: true, regionCode: true, terms: true, paymentDays: true }),
        fact: 'changed',
        edits: true,
      },
      setTerms: {
        clause: 'O-26',
        from: ['prospect', 'qualified', 'trial', 'active', 'suspended'],
        by: { system: 'all' },
        form: form.pick({ terms: true, paymentDays: true }),
        fact: 'changed',
      },
      qualify: { from: 'prospect', to: 'qualified', by: heads, fact: 'qualified' },
      startTrial: { from: 'qualified', to: 'trial', by: heads, fact: 'trial-started' },
      activate: { from: ['trial', 'qualified', 'suspended'], to: 'active', by: heads, fact: 'activated' },
      suspend: { from: 'active', to: 'suspended', by: heads, fact: 'suspended', reason: true },
      terminate: {
        from: ['prospect', 'qualified', 'trial', 'active', 'suspended'],
        to: 'terminated',
        by: top,
        fact: 'terminated',
        reason: true,
      },
    },
  }),
  {
    entity: Distributor,
    create: async ({ regionCode, address, contactName, telephone, ...rest }, work, base) => {
      const [taken] = await work.query<{ code: string }>(
        'SELECT code FROM distributor WHERE code = $1 OR licence = $2',
        [rest.code, rest.licence],
      );
      if (taken)
        throw taken.code === rest.code
          ? codeTaken({ code: rest.code }, { field: 'code' })
          : licenceTaken({ licence: rest.licence, code: taken.code }, { field: 'licence' });
      const { id: region } = await regionOf(work, regionCode);
      const made = work.em.create(Distributor, {
        ...base,
        ...rest,
        region,
        address: address ?? null,
        contactName: contactName ?? null,
        telephone: telephone ?? null,
      });
      await work.em.flush();
      await work.query('INSERT INTO distributor_region (distributor, region, valid_from) VALUES ($1, $2, $3)', [
        base.id,
        region,
        work.today,
      ]);
      return made;
    },
    effects: {
      change: (subject, { address, contactName, telephone, ...rest }) => {
        Object.assign(subject, {
          ...rest,
          address: address ?? null,
          contactName: contactName ?? null,
          telephone: telephone ?? null,
        });
      },
      setTerms: (subject, terms) => {
        Object.assign(subject, terms);
      },
    },
    facts: {
      created: fact,
      changed: fact,
      qualified: ({ code }) => ({ code }),
      'trial-started': ({ code }) => ({ code }),
      activated: ({ code }) => ({ code }),
      suspended: ({ code }) => ({ code }),
      terminated: ({ code }) => ({ code }),
      recorded: (subject) => ({ ...fact(subject), state: subject.state }),
      'region-assigned': (subject, form, work) => ({
        regionId: subject.region!,
        previousRegionId: (form as { previous: string }).previous,
        validFrom: work.today,
      }),
    },
    view: (subject) => ({
      ...fact(subject),
      region: subject.region,
      address: subject.address,
      contactName: subject.contactName,
      telephone: subject.telephone,
    }),
    filters: { code: 'code', licence: 'licence', class: 'class', segment: 'segment', partnerType: 'partnerType' },
  },
);

export function fact(subject: Distributor) {
  const { code, name, licence, partnerType, segment, terms, paymentDays, region } = subject;
  return { code, name, licence, partnerType, segment, class: subject.class, regionId: region!, terms, paymentDays };
}

/** @throws unknownDistributor */
export async function distributorOf(sql: Sql, code: string): Promise<{ id: string; region: string; state: string }> {
  const [row] = await sql.query<{ id: string; region: string; state: string }>(
    'SELECT id, region, state FROM distributor WHERE code = $1',
    [code],
  );
  if (!row) throw unknownDistributor({ distributor: code }, { field: 'distributorCode' });
  return row;
}

export const unknownDistributor = domainError({
  code: 'distributors.distributor.unknown',
  kind: 'unprocessable',
  rule: 'D-01',
  en: 'There is no distributor {distributor}.',
  zh: '不存在经销商{distributor}。',
});
const codeTaken = domainError({
  code: 'distributors.distributor.code-taken',
  kind: 'conflict',
  rule: 'D-01',
  en: 'There is already a distributor with the code {code}.',
  zh: '经销商编码{code}已存在。',
});
const licenceTaken = domainError({
  code: 'distributors.distributor.licence-taken',
  kind: 'conflict',
  rule: 'D-01',
  en: 'Licence {licence} belongs to distributor {code}.',
  zh: '营业执照号{licence}已属于经销商{code}。',
});
