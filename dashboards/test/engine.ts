/** A real ClickHouse with the tables of services/analytics, and events put into it as the sink does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startClickHouse, type ClickHouseUser } from '@fenxiao/testing/clickhouse';

export interface Rows {
  columns: { name: string; type: string }[];
  rows: unknown[][];
}

export interface TestEvent {
  type: string;
  subject: string;
  time: string;
  data: Record<string, unknown>;
}

export interface TestEngine {
  /**
   * @param filters conditions by table, as the server binds a person to regions with
   * @throws Error with the engine's words
   */
  query(user: ClickHouseUser, sql: string, filters?: Record<string, string>): Promise<Rows>;
  /** A statement of the operator's. */
  execute(statement: string): Promise<void>;
  /** In the order given; the events of one subject get its sequence. */
  publish(events: TestEvent[]): Promise<void>;
  close(): Promise<void>;
}

export async function startEngine(timeZone = 'Asia/Shanghai'): Promise<TestEngine> {
  const engine = await startClickHouse();
  const send = async (user: ClickHouseUser, query: string, body = query, parameters = ''): Promise<string> => {
    const answer = await fetch(`${engine.url}/?${parameters}`, {
      method: 'POST',
      headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': user },
      body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${text}\nin: ${query}`);
    return text;
  };
  try {
    for (const statement of statements(timeZone)) await send('analytics', statement);
  } catch (error) {
    await engine.close();
    throw error;
  }
  const sequences = new Map<string, number>();
  const offsets = new Map<string, number>();
  return {
    async query(user, sql, filters) {
      const map = Object.entries(filters ?? {}).map(
        ([table, filter]) => `'${table}': '${filter.replaceAll("'", "\\'")}'`,
      );
      const bound = filters ? `&additional_table_filters=${encodeURIComponent(`{${map.join()}}`)}` : '';
      const { meta, data } = JSON.parse(await send(user, sql, sql, `default_format=JSONCompact${bound}`)) as {
        meta: Rows['columns'];
        data: unknown[][];
      };
      return { columns: meta, rows: data };
    },
    async execute(statement) {
      await send('analytics', statement);
    },
    async publish(events) {
      const rows = events.map(({ type, subject, time, data }) => {
        const sequence = (sequences.get(subject) ?? 0) + 1;
        sequences.set(subject, sequence);
        const headers = JSON.stringify({ id: `${subject}-${sequence}`, type, subject, sequence, time });
        const topic = type.split('.').slice(0, 2).join('.');
        const offset = (offsets.get(topic) ?? 0) + 1;
        offsets.set(topic, offset);
        return JSON.stringify({ topic, partition: 0, offset, headers, data: JSON.stringify(data) });
      });
      const insert = 'INSERT INTO ingest FORMAT JSONEachRow';
      await send('analytics', insert, rows.join('\n'), `query=${encodeURIComponent(insert)}`);
    },
    close: () => engine.close(),
  };
}

function statements(timeZone: string): string[] {
  const folder = fileURLToPath(new URL('../../services/analytics/clickhouse', import.meta.url));
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .replaceAll('{time_zone}', timeZone)
        .split(/;[ \t]*$/m)
        .map((statement) => statement.replace(/^(\s*--[^\n]*\n|\s+)+/, '').trimEnd())
        .filter((statement) => statement !== ''),
    );
}
