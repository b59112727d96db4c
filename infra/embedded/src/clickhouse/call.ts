/** What a query brings with it, and what its answers have in common. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClickHouseError, type Answer, type Engine } from './engine.js';
import type { User } from './environment.js';
import type { Lane } from './lane.js';
import { setup } from './settings.js';
import { literal, type Statement } from './sql.js';

/** What all queries share. */
export interface House {
  engine: Engine;
  /** Folder for bodies, results and pipes under way. */
  spool: string;
  lanes: { read: Lane; write: Lane };
  /** All databases; forgotten when a writer may have made one. */
  databases: ReadonlySet<string> | undefined;
  /** All table functions of the engine, in lower case. */
  tableFunctions: ReadonlySet<string>;
  timezone: string;
}

/** What a client asks. */
export interface Asked {
  house: House;
  user: User;
  request: IncomingMessage;
  response: ServerResponse;
  parameters: URLSearchParams;
  /** Aborted when the client goes away. */
  gone: AbortSignal;
}

export interface Call extends Asked {
  statement: Statement;
  database: string;
}

export function setupOf({ user, database, parameters, request }: Call, mark: string): string {
  return setup(user, database, parameters, mark, request.method !== 'POST');
}

/** The format that the statement or the request names; it becomes part of the SQL text. */
export function formatOf({ statement, parameters, request }: Call, otherwise = 'TabSeparated'): string {
  const asked = parameters.get('default_format') || request.headers['x-clickhouse-format']?.toString();
  const format = statement.format ?? (asked || otherwise);
  if (!/^\w+$/.test(format)) throw ClickHouseError.of(73, 'UNKNOWN_FORMAT', `Unknown format ${format}`);
  return format;
}

/** Counts as far as chDB tells them: it reports the rows that came out of a query or went into an insert, not those read. */
export function describe(response: ServerResponse, answer?: Answer, rowsWritten = 0): void {
  const { rowsRead = 0, bytesRead = 0, elapsed = 0 } = answer ?? {};
  const counts = {
    read_rows: rowsRead,
    read_bytes: bytesRead,
    written_rows: rowsWritten,
    written_bytes: rowsWritten && bytesRead,
    total_rows_to_read: 0,
    result_rows: rowsRead,
    result_bytes: bytesRead,
    elapsed_ns: Math.round(elapsed * 1e9),
  };
  const texts = Object.entries(counts).map(([name, count]) => [name, String(count)]);
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(Object.fromEntries(texts)));
}

export function describeFormat(response: ServerResponse, format: string): ServerResponse {
  return response.setHeader('X-ClickHouse-Format', format).setHeader('Content-Type', contentType(format));
}

function contentType(format: string): string {
  if (/^JSON.*EachRow|^(NDJSON|JSONL|JSONLines)$/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8';
  if (/^(TabSeparated|TSV)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^(Native|RowBinary|Parquet|Arrow|ORC|Avro)/.test(format)) return 'application/octet-stream';
  return 'text/plain; charset=UTF-8';
}

/** The clause we added and the file behind it are nobody's business; what stands there for the caller is `instead`. */
export function hideClause(error: unknown, clause: string, path: string, instead: string, user: User): ClickHouseError {
  const { message } = error instanceof Error ? error : new Error(String(error));
  // The engine proposes tables that a reader does not see.
  const open = user.kind === 'writer' ? message : message.replace(/ Maybe you meant [^?]*\?/g, '');
  const shown = open.replaceAll(`(INTO): ${clause}`, `(${instead})`).replaceAll(clause, '');
  return new ClickHouseError(shown.replaceAll(literal(path), instead).replaceAll(path, instead));
}

/** From the text in which each byte is a character. */
export function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
