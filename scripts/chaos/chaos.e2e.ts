import { expect, it } from '@jest/globals';
import { chaos } from './chaos.js';
import { faultsWith } from './faults.js';

const ci = !['', '0', 'false', undefined].includes(process.env['CI']);

it('loses, doubles and changes nothing it has acknowledged, whatever breaks', async () => {
  const cycles = Math.max(20, faultsWith(false).length); // every fault once at least
  const skipped = await chaos({ seed: '20', cycles, say: (line) => process.stdout.write(`${line}\n`) });
  expect(ci ? skipped : []).toEqual([]);
}, 900_000);
