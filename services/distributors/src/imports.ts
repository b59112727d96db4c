import type { ImportRow } from '@fenxiao/contracts/imports';
import { Money } from '@fenxiao/domain/money';
import { publish } from '@fenxiao/service-kit/engine';
import {
  historic,
  rejected,
  remember,
  seenBefore,
  stampOf,
  type Loader,
  type Outcome,
} from '@fenxiao/service-kit/imports';
import type { Work } from '@fenxiao/service-kit/work';
import { CreditLimit, creditLimit } from './credit-limit.js';
import { Distributor, distributor } from './distributor.js';
import { Region, recordOwner, region, unknownManager, unknownRegion } from './region.js';

/** Regions and distributors from the books of the past, in the state they had there (record-historic). */

/** D-04. Parents come before their children, in the file or from before. */
export const regions: Loader<'regions'> = {
  kind: 'regions',
  rule: 'D-04',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'regions', rows);
    const known = new Map((await work.em.find(Region, {})).map((found) => [found.code, found]));
    const people = await peopleOf(
      work,
      rows.flatMap(({ managerStaffNumber }) => managerStaffNumber ?? []),
    );
    const outcomes: Outcome[] = [];
    for (const { row, key, digest } of keyed) {
      const parent = row.parentCode === undefined ? null : known.get(row.parentCode);
      const manager = row.managerStaffNumber === undefined ? null : people.get(row.managerStaffNumber);
      const old = known.get(key);
      if (parent === undefined) outcomes.push(rejected(unknownRegion({ region: row.parentCode! }), 'parentCode'));
      else if (manager === undefined)
        outcomes.push(rejected(unknownManager({ person: row.managerStaffNumber! }), 'managerStaffNumber'));
      else if (seen.get(key)?.digest.equals(digest)) outcomes.push({ outcome: 'unchanged', id: old!.id });
      else if (old) outcomes.push(await changeRegion(work, old, row.name, parent?.id ?? null, manager));
      else {
        const made = await createRegion(work, row, parent?.id ?? null, manager);
        known.set(row.code, made);
        const unowned = {
          rule: 'D-04',
          code: 'distributors.region.no-manager',
          detail: 'a region needs one responsible manager',
        };
        outcomes.push({ outcome: 'created', id: made.id, ...(manager ? {} : { findings: [unowned] }) });
      }
    }
    await remember(work, 'regions', keyed, outcomes);
    return outcomes;
  },
};

async function createRegion(
  work: Work,
  row: ImportRow<'regions'>,
  parent: string | null,
  manager: string | null,
): Promise<Region> {
  const base = historic(work, 'active');
  const validFrom = row.validFrom ?? work.today;
  const made = work.em.create(Region, {
    ...base,
    region: base.id,
    code: row.code,
    name: row.name,
    parent,
    manager,
    validFrom,
    validTo: null,
  });
  await work.em.flush();
  if (manager) await recordOwner(work, made.id, manager, validFrom);
  publish(work, region, made, 'created', {}, stampOf(made, 'region', 'D-04'));
  return made;
}

async function changeRegion(
  work: Work,
  old: Region,
  name: string,
  parent: string | null,
  manager: string | null,
): Promise<Outcome> {
  const handedOver = manager !== null && manager !== old.manager;
  Object.assign(old, { name, parent, ...(handedOver ? { manager } : {}), version: old.version + 1 });
  publish(work, region, old, 'changed', {}, stampOf(old, 'region', 'D-04'));
  if (handedOver) {
    await recordOwner(work, old.id, manager, work.today);
    publish(work, region, old, 'owner-changed', { managerId: manager }, stampOf(old, 'region', 'D-04'));
  }
  return { outcome: 'changed', id: old.id };
}

async function peopleOf(work: Work, staffNumbers: readonly string[]): Promise<Map<string, string>> {
  const rows = await work.query<{ id: string; staff_number: string }>(
    'SELECT id, staff_number FROM known_person WHERE staff_number = ANY($1)',
    [staffNumbers],
  );
  return new Map(rows.map(({ id, staff_number }) => [staff_number, id]));
}

/** D-01, with the credit limit (D-21) where the row names one. */
export const distributors: Loader<'distributors'> = {
  kind: 'distributors',
  rule: 'D-01',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'distributors', rows);
    const found = await work.em.find(Distributor, { code: { $in: rows.map(({ code }) => code) } });
    const known = new Map(found.map((subject) => [subject.code, subject]));
    const regionRows = await work.query<{ id: string; code: string }>(
      `SELECT id, code FROM region WHERE state = 'active'`,
    );
    const regionIds = new Map(regionRows.map(({ id, code }) => [code, id]));
    const outcomes: Outcome[] = [];
    for (const { row, key, digest } of keyed) {
      const regionId = regionIds.get(row.regionCode);
      const old = known.get(key);
      if (regionId === undefined) outcomes.push(rejected(unknownRegion({ region: row.regionCode }), 'regionCode'));
      else if (seen.get(key)?.digest.equals(digest)) outcomes.push({ outcome: 'unchanged', id: old!.id });
      else {
        const subject = bring(work, row, regionId, old);
        known.set(key, subject);
        outcomes.push({ outcome: old ? 'changed' : 'created', id: subject.id });
      }
    }
    await work.em.flush();
    const brought = await remember(work, 'distributors', keyed, outcomes);
    await work.query(
      `INSERT INTO distributor_region (distributor, region, valid_from) SELECT d.id, d.region, $2 FROM distributor d
       WHERE d.id = ANY($1) AND NOT EXISTS (SELECT FROM distributor_region r WHERE r.distributor = d.id)`,
      [brought.map(({ id }) => id), work.today],
    );
    for (const { row, id } of brought) await limitOf(work, known.get(row.code)!, id, row.creditLimit);
    return outcomes;
  },
};

function bring(
  work: Work,
  { regionCode: _, creditLimit: __, licence, ...row }: ImportRow<'distributors'>,
  regionId: string,
  old: Distributor | undefined,
): Distributor {
  const columns = { ...row, region: regionId, licence: licence ?? `unknown ${row.code}` };
  const subject =
    old ??
    work.em.create(Distributor, {
      ...historic(work, row.state),
      ...columns,
      address: null,
      contactName: null,
      telephone: null,
    });
  if (old)
    Object.assign(old, {
      ...columns,
      version: old.version + 1,
      enteredAt: old.state === row.state ? old.enteredAt : work.now,
    });
  publish(work, distributor, subject, 'recorded', {}, stampOf(subject, 'distributor', 'D-01'));
  return subject;
}

/** A limit from the books is in force at once: it was decided then, under the rules of then. */
async function limitOf(work: Work, subject: Distributor, id: string, limit: string | undefined): Promise<void> {
  if (limit === undefined) return;
  const amount = Money.of(limit);
  const [last] = await work.query<{ amount: string }>(
    `SELECT amount::text FROM credit_limit WHERE distributor = $1 AND state = 'approved' ORDER BY entered_at DESC, id DESC LIMIT 1`,
    [id],
  );
  if (last && Money.of(last.amount).equals(amount)) return;
  const made = work.em.create(CreditLimit, {
    ...historic(work, 'approved'),
    region: subject.region,
    distributor: id,
    amount,
    previous: last ? Money.of(last.amount) : null,
  });
  publish(work, creditLimit, made, 'changed', {}, stampOf(made, 'credit-limit', 'D-21'));
}
