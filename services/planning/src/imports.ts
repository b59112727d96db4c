import { marketObservationEvents } from '@fenxiao/contracts/planning';
import { newId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import { publish } from '@fenxiao/service-kit/engine';
import { historic, rejected, stampOf, type Loader, type Outcome } from '@fenxiao/service-kit/imports';
import { becomeUs, Competitor, competitor, OTHER } from './competitor.js';
import {
  keyOf,
  monthOf,
  storeObservations,
  unknownRegion,
  vendors,
  type ObservationColumns,
} from './market-observation.js';

/** P-41 */
export const competitors: Loader<'competitors'> = {
  kind: 'competitors',
  rule: 'P-41',
  load: async (rows, work) => {
    const known = new Map((await work.em.find(Competitor, {})).map((subject) => [subject.code, subject]));
    const outcomes: Outcome[] = [];
    for (const { code, name, us = false } of rows) {
      const old = known.get(code);
      const subject = old ?? work.em.create(Competitor, { ...historic(work, 'active'), code, name, us: false });
      known.set(code, subject);
      const renamed = old !== undefined && old.name !== name;
      if (renamed) Object.assign(old, { name, version: old.version + 1 });
      if (!old || renamed) publish(work, competitor, subject, 'registered', {}, stampOf(subject, 'competitor', 'P-41'));
      const chosen = us && !subject.us;
      if (chosen) {
        await becomeUs(work, subject);
        publish(work, competitor, subject, 'chosen-as-us', {}, { role: 'importer', rule: 'P-42' });
      }
      outcomes.push({ outcome: !old ? 'created' : renamed || chosen ? 'changed' : 'unchanged', id: subject.id });
    }
    return outcomes;
  },
};

/** P-42: many rows at once. A vendor nobody registered counts as "other" and keeps its name; an unknown region is reported. */
export const observations: Loader<'observations'> = {
  kind: 'observations',
  rule: 'P-42',
  load: async (rows, work, importId) => {
    const codeOf = await vendors(work);
    const regionRows = await work.query<{ id: string; code: string }>('SELECT id, code FROM known_region');
    const regionOf = new Map(regionRows.map(({ id, code }) => [code, id]));
    const columns = rows.map(
      ({ regionCode, vendor: vendorName, month, value, volume, ...row }): ObservationColumns | undefined => {
        const region = regionOf.get(regionCode);
        if (region === undefined) return undefined;
        const amounts = {
          value: String(Money.of(value)),
          volume: volume === undefined ? null : String(Quantity.of(volume)),
        };
        return {
          ...row,
          ...amounts,
          region,
          vendorName,
          month: monthOf(month),
          vendor: codeOf.get(vendorName.toLowerCase()) ?? OTHER,
        };
      },
    );
    // Of several rows with one key the last counts, as if they had come one after the other.
    const distinct = new Map(columns.flatMap((row) => (row ? [[keyOf(row), row] as const] : [])));
    const fresh = [...distinct.values()];
    const written = new Map(
      (fresh.length === 0
        ? []
        : await storeObservations(
            work,
            fresh.map(() => newId()),
            fresh,
          )
      ).map((row) => [row.key, row]),
    );
    for (const [key, { id, events }] of written) {
      const { region, volume, ...row } = distinct.get(key)!;
      const data = {
        ...row,
        regionId: region,
        currency: work.currency,
        importId,
        ...(volume === null ? {} : { volume }),
      };
      work.publish(
        marketObservationEvents.recorded,
        { id, events: events - 1 },
        data,
        stampOf({ state: 'recorded', region }, 'market-observation', 'P-42'),
      );
    }
    return columns.map((row, i): Outcome => {
      if (!row) return rejected(unknownRegion({ region: rows[i]!.regionCode }), 'regionCode');
      const done = written.get(keyOf(row));
      return done ? { outcome: done.inserted ? 'created' : 'changed', id: done.id } : { outcome: 'unchanged' };
    });
  },
};
