import { choices, type Dashboard } from '../src/catalogue.js';
import { expand } from '../src/macros.js';
import type { TestEngine } from './engine.js';

const from = Date.parse('2026-04-01T00:00:00+08:00');
const to = Date.parse('2026-06-30T23:59:59.999+08:00');

/**
 * What a panel shows of the second quarter of 2026 in a region: rows as objects, numbers with two decimals.
 * @throws Error where the dashboard has no such panel
 */
export async function panelRows(
  engine: TestEngine,
  board: Dashboard,
  title: string,
  region: string,
  user: 'viewer' | 'dashboards' = 'viewer',
) {
  const panel = board.panels.find((one) => one.title === title);
  if (!panel) throw new Error(`no panel ${title}`);
  const variables = choices(board, { region: [region] }, () => true);
  const sql = expand(panel.targets[0]!.rawSql, { from, to, intervalMs: 60_000, variables });
  const { columns, rows } = await engine.query(user, sql);
  const number = (type: string): boolean => /(^|\()(U?Int|Float|Decimal)/.test(type);
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name, type }, i) => [
        name,
        number(type) && row[i] !== null ? Math.round(Number(row[i]) * 100) / 100 : row[i],
      ]),
    ),
  );
}
