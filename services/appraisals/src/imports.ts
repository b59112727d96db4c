import type { ImportRow } from '@fenxiao/contracts/imports';
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
import { accountTaken, Person, person } from './person.js';
import { Position, position, unknownPerson, unknownRegion } from './position.js';

/** People and positions from lists (record-historic). */

/** X-01a */
export const people: Loader<'people'> = {
  kind: 'people',
  rule: 'X-01a',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'people', rows);
    const found = await work.em.find(Person, { staffNumber: { $in: rows.map(({ staffNumber }) => staffNumber) } });
    const known = new Map(found.map((subject) => [subject.staffNumber, subject]));
    const holders = await work.em.find(Person, { account: { $in: rows.flatMap(({ subject }) => subject ?? []) } });
    const holderOf = new Map(holders.map(({ account, staffNumber }) => [account!, staffNumber]));
    const outcomes = keyed.map(({ row, key, digest }): Outcome => {
      const old = known.get(key);
      const holder = row.subject === undefined ? undefined : holderOf.get(row.subject);
      if (holder !== undefined && holder !== key) return rejected(accountTaken({ staffNumber: holder }), 'subject');
      if (seen.get(key)?.digest.equals(digest)) return { outcome: 'unchanged', id: old!.id };
      const brought = bring(work, row, old);
      known.set(key, brought);
      if (row.subject !== undefined) holderOf.set(row.subject, key);
      return { outcome: old ? 'changed' : 'created', id: brought.id };
    });
    await work.em.flush();
    await remember(work, 'people', keyed, outcomes);
    return outcomes;
  },
};

function bring(
  work: Work,
  { subject: account, joinedOn, lastDay, ...row }: ImportRow<'people'>,
  old: Person | undefined,
): Person {
  const gone = lastDay !== undefined && lastDay <= work.today;
  const state = gone ? 'left' : 'employed';
  const columns = {
    ...row,
    account: account ?? null,
    joinedOn: joinedOn ?? old?.joinedOn ?? work.today,
    lastDay: lastDay ?? null,
    regularFrom: old?.regularFrom ?? null,
    state,
  };
  const subject = old ?? work.em.create(Person, { ...historic(work, state), ...columns });
  if (old) Object.assign(old, columns, { version: old.version + 1 });
  publish(work, person, subject, old ? 'changed' : 'registered', {}, stampOf(subject, 'person', 'X-01a'));
  if (lastDay !== undefined) publish(work, person, subject, 'left', {}, { role: 'importer', rule: 'X-01a' });
  return subject;
}

/** what somebody holds from a date; a new row for the same person and date replaces what was there. */
export const positions: Loader<'positions'> = {
  kind: 'positions',
  rule: 'X-02',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'positions', rows);
    const found = await work.em.find(Person, {
      staffNumber: { $in: rows.map(({ staffNumber }) => staffNumber) },
      state: 'employed',
    });
    const personOf = new Map(found.map((subject) => [subject.staffNumber, subject]));
    const regionRows = await work.query<{ id: string; code: string }>(
      'SELECT id, code FROM known_region WHERE code = ANY($1)',
      [rows.flatMap(({ regionCode }) => regionCode ?? [])],
    );
    const regionOf = new Map(regionRows.map(({ id, code }) => [code, id]));
    const held = await work.em.find(Position, { id: { $in: [...seen.values()].map(({ id }) => id) } });
    const old = new Map(held.map((subject) => [subject.id, subject]));
    const outcomes = keyed.map(({ row, key, digest }): Outcome => {
      const holder = personOf.get(row.staffNumber);
      const region = row.regionCode === undefined ? null : regionOf.get(row.regionCode);
      const before = seen.get(key);
      if (!holder) return rejected(unknownPerson({ person: row.staffNumber }), 'staffNumber');
      if (region === undefined) return rejected(unknownRegion({ region: row.regionCode! }), 'regionCode');
      if (before?.digest.equals(digest)) return { outcome: 'unchanged', id: before.id };
      const columns = {
        person: holder.id,
        roles: row.roles,
        region,
        unit: row.unit ?? null,
        validFrom: row.validFrom ?? holder.joinedOn,
      };
      const existing = before && old.get(before.id);
      const subject =
        existing ?? work.em.create(Position, { ...historic(work, 'assigned'), ...columns, validTo: null });
      if (existing) Object.assign(existing, columns, { version: existing.version + 1 });
      old.set(subject.id, subject);
      seen.set(key, { id: subject.id, digest });
      publish(work, position, subject, 'assigned', {}, stampOf(subject, 'position', 'X-02'));
      return { outcome: existing ? 'changed' : 'created', id: subject.id };
    });
    await work.em.flush();
    await remember(work, 'positions', keyed, outcomes);
    return outcomes;
  },
};
