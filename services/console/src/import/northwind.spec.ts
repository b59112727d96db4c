import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ImportStub } from '../../test/import-stub.js';
import { runImport } from './run.js';

/** The real files, which are not part of the repository: NORTHWIND_DIR says where they are. */
const path = process.env['NORTHWIND_DIR'];

describe('Northwind', () => {
  it('comes in whole, to the cent, and a second time changes nothing', async () => {
    if (!path) {
      process.stdout.write('skipped: NORTHWIND_DIR is not set\n');
      expect(path).toBeUndefined();
      return;
    }
    const stub = await new ImportStub().start();
    const base = await mkdtemp(join(tmpdir(), 'northwind-'));
    try {
      const mapping = await readFile(new URL('../../mappings/northwind.yaml', import.meta.url), 'utf8');
      const run = (n: number) =>
        runImport({
          path,
          mapping,
          services: stub.services(),
          language: 'en',
          workFolder: join(base, String(n)),
          report: { rejections: join(base, 'rejected.csv'), findings: join(base, 'findings.csv') },
        });
      const first = await run(1);
      expect(first.refusals).toEqual([]);
      expect(Object.fromEntries(first.kinds.map(({ kind, created }) => [kind, created]))).toEqual({
        people: 9,
        regions: 22,
        positions: 9,
        distributors: 91,
        products: 77,
        prices: 77,
        orders: 830,
      });
      expect(first.kinds.at(-1)).toMatchObject({
        lines: 2155,
        totals: { net: '1265793.29', 'shipped net': '1239855.85' },
      });
      const orders = stub.rows('orders');
      expect(orders.filter((row) => row['shippedOn'] === undefined).length).toBe(21);
      expect(orders[2]).toEqual({
        number: '10250',
        distributorCode: 'HANAR',
        staffNumber: '4',
        channel: 'direct',
        orderedOn: '1996-07-08',
        promisedOn: '1996-08-05',
        shippedOn: '1996-07-12',
        freight: '65.83',
        carrier: 'United Package',
        lines: [
          { productCode: '41', quantity: '10', unitPrice: '7.7', discount: '0', taxRate: '0' },
          { productCode: '51', quantity: '35', unitPrice: '42.4', discount: '15', taxRate: '0' },
          { productCode: '65', quantity: '15', unitPrice: '16.8', discount: '15', taxRate: '0' },
        ],
      });
      const again = await run(2);
      expect(
        again.kinds.every(({ created, changed, read, unchanged }) => created + changed === 0 && unchanged === read),
      ).toBe(true);
    } finally {
      stub.close();
      await rm(base, { recursive: true, force: true });
    }
  });
});
