/** One query over HTTP: reads the statement, checks it, and lets it run in its lane. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readBody, type Body } from './body.js';
import { describe, describeFormat, formatOf, hideClause, setupOf, utf8, type Call, type Asked } from './call.js';
import { ClickHouseError } from './engine.js';
import { refusal } from './readers.js';
import { select } from './result.js';
import { literal, readStatement, type Statement } from './sql.js';

/** What is known of a query while it runs, for logs and metrics. */
export interface Progress {
  kind: Statement['kind'] | 'unknown';
  /** The beginning of the statement, without data. */
  statement: string;
  refused: boolean;
}

/** @throws ClickHouseError, Busy, or the reason of `gone`; nothing of an answer has been sent then, unless it broke off */
export async function answerQuery(asked: Asked, progress: Progress): Promise<void> {
  const { house, user, request, parameters } = asked;
  const body = await readBody(request, parameters, house, user);
  try {
    const text = body.head.toString('latin1');
    if (user.kind === 'reader') await admitReader(asked, text, progress);
    const statement = readStatement(text);
    progress.kind = statement.kind;
    progress.statement = beginning(statement.text);
    if (statement.kind !== 'insert' && !body.complete) {
      throw ClickHouseError.of(62, 'SYNTAX_ERROR', 'Max query size exceeded');
    }
    const call = { ...asked, statement, database: databaseOf(asked) };
    if (statement.kind === 'select') await select(call);
    else if (statement.kind === 'insert') await insert(call, body);
    else await command(call);
  } finally {
    await body.discard();
  }
}

function databaseOf({ user, request, parameters }: Asked): string {
  return parameters.get('database') || request.headers['x-clickhouse-database']?.toString() || user.database;
}

async function admitReader(asked: Asked, text: string, progress: Progress): Promise<void> {
  const { house, user } = asked;
  house.databases ??= new Set(await house.engine.names('SELECT name FROM system.databases'));
  const { databases, tableFunctions } = house;
  const wanted = databaseOf(asked);
  const reason =
    wanted === user.database
      ? refusal(text, { database: user.database, databases, tableFunctions })
      : `the database ${wanted}`;
  if (reason === undefined) return;
  progress.refused = true;
  progress.statement = beginning(text);
  throw ClickHouseError.of(497, 'ACCESS_DENIED', `Not open to this user: ${reason}`);
}

/**
 * The data first come in whole, then the engine reads them from the file. So an upload that breaks off inserts nothing, and
 * data are never part of the SQL text (where a blank line would end them and the rest would run as statements). Once begun
 * an insert is not cancelled when the client goes away: it would learn nothing of how far that came.
 */
async function insert(call: Call, body: Body): Promise<void> {
  const { house, user, statement, gone, response } = call;
  const path = join(house.spool, `data-${randomUUID()}`);
  try {
    await pipeline(body.from(statement.dataAt), createWriteStream(path));
    const { text, infileAt } = statement;
    const infile = `FROM INFILE ${literal(path)} COMPRESSION 'none'`;
    const sql = `${text.slice(0, infileAt)} ${infile} ${text.slice(infileAt)}\nFORMAT ${formatOf(call, 'Values')}`;
    const statements = [setupOf(call, randomUUID()), utf8(sql)];
    const answer = await house.lanes.write.run(user.name, gone, () =>
      house.engine.run(statements).catch((error: unknown) => {
        throw hideClause(error, infile, path, 'the body', user);
      }),
    );
    describe(response, answer, answer.rowsRead);
    response.end();
  } finally {
    await rm(path, { force: true });
  }
}

async function command(call: Call): Promise<void> {
  const { house, user, statement, gone, response } = call;
  const format = formatOf(call);
  const statements = [setupOf(call, randomUUID()), utf8(statement.text + statement.formatClause)];
  const lane = user.kind === 'reader' ? house.lanes.read : house.lanes.write;
  const answer = await lane.run(user.name, gone, async () => {
    try {
      return await house.engine.run(statements, format);
    } finally {
      house.databases = undefined;
    }
  });
  describe(response, answer);
  if (answer.bytes.length > 0) describeFormat(response, format);
  response.end(answer.bytes);
}

function beginning(text: string): string {
  return utf8(text).slice(0, 300);
}
