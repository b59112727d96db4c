import { depth } from '@fenxiao/testing/depth';
import { expect, it } from '@jest/globals';
import { chaos } from './chaos.js';
import { faultsWith } from './faults.js';

const ci = !['', '0', 'false', undefined].includes(process.env['CI']);

it(
  'loses, doubles and changes nothing it has acknowledged, whatever breaks',
  async () => {
    const cycles = faultsWith(false).length * depth(1, 3); // every fault as often
    const skipped = await chaos({ seed: '20', cycles, say: (line) => process.stdout.write(`${line}\n`) });
    expect(ci ? skipped : []).toEqual([]);
  },
  depth(1_200_000, 3_600_000),
);
