import type { ImportRow } from '@fenxiao/contracts/imports';
import { circle } from './refusals.js';
import type { Report } from './report.js';
import type { Staging } from './staging.js';

/**
 * Parents before children: each generation is a part of its own. Regions that would lie below themselves are refused.
 * @returns how many those were
 */
export function arrangeRegions(staging: Staging, report: Report): number {
  let circular = 0;
  const regions = new Map<string, { id: number; parent: string | undefined }>();
  for (let after = { part: 0, id: 0 }; ;) {
    const page = staging.page('regions', after, 500);
    for (const { id, row } of page) {
      const { code, parentCode } = JSON.parse(row) as ImportRow<'regions'>;
      regions.set(code, { id, parent: parentCode });
    }
    if (page.length === 0) break;
    after = page.at(-1)!;
  }
  for (const [code, { id }] of regions) {
    let generation = 0;
    const passed = new Set([code]);
    for (
      let above = regions.get(code)!.parent;
      above !== undefined && regions.has(above);
      above = regions.get(above)!.parent
    ) {
      generation += 1;
      if (passed.has(above)) {
        generation = -1;
        break;
      }
      passed.add(above);
    }
    if (generation > 0) staging.setPart(id, generation);
    if (generation >= 0) continue;
    staging.refuse(id);
    circular += 1;
    const refusal = circle({ code });
    const reason = refusal.text(report.language);
    report.reject({
      kind: 'regions',
      origin: staging.originOf(id),
      key: code,
      column: '',
      value: '',
      code: refusal.code,
      reason,
    });
  }
  return circular;
}
