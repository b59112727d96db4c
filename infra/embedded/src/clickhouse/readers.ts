/**
 * What a reader may send. chDB knows no SQL users and `readonly = 1` stops neither BACKUP, KILL, USE nor the function
 * file(), nor SETTINGS in a subquery, which lift limits and row filters there. So the statement is cut into tokens (the
 * same ones the engine sees) and anything doubtful is refused.
 */
import { isSign, isWord, literal, tokens, type Token } from './sql.js';

export interface Surroundings {
  /** The reader's own database. */
  database: string;
  /** All databases of the engine. */
  databases: ReadonlySet<string>;
  /** All table functions of the engine, in lower case. */
  tableFunctions: ReadonlySet<string>;
}

const verbs = new Set(['SELECT', 'WITH', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS']);
const shows = /^(FULL )?(TABLES|DATABASES|COLUMNS|FIELDS|CREATE|FUNCTIONS)\b/i;

/** Table functions that read nothing outside the statement. Every other one the engine knows is refused. */
const harmlessTableFunctions = new Set(
  'numbers numbers_mt zeros zeros_mt generateseries generate_series primes values sqlstandardvalues null view format'.split(
    ' ',
  ),
);

/**
 * Functions that reach files, other databases by name, the network or the process, and printf, whose widths take memory
 * that no limit counts; also as `APPLY file`, so bare.
 */
const refusedFunctions = new RegExp(
  '^(file|filesystem\\w*|dict(get\\w*|has|isin)|joinget\\w*|hascolumnintable|ai(classify|embed|extract|generate|translate)' +
    '|catboostevaluate|evalmlmethod|getmacro|getserver\\w*|getclienthttpheader|showcertificate|printf|__\\w+)$',
);

/** Tables of `system` that say nothing about data or other users. Those with a filter show the own database only. */
const readableSystemTables = new Set([
  ...'one numbers numbers_mt zeros zeros_mt databases tables columns functions formats keywords settings'.split(' '),
  ...'data_type_families aggregate_function_combinators time_zones contributors'.split(' '),
]);

/** Row filters that hide the other databases in the system tables, as a value of `additional_table_filters`. */
export function systemTableFilters(database: string): Record<string, string> {
  const own = literal(database);
  return {
    'system.databases': `name = ${own}`,
    'system.tables': `database = ${own}`,
    'system.columns': `database = ${own}`,
  };
}

/** Why the reader may not send this statement (latin1, one character a byte); undefined when they may. */
export function refusal(text: string, surroundings: Surroundings): string | undefined {
  const read: Token[] = [];
  for (const token of tokens(text)) {
    if (token.kind === 'wrong') {
      return `unreadable text at position ${token.start + 1}: use ASCII outside quotes, and close quotes`;
    }
    read.push(token);
  }
  while (isSign(read.at(-1), ';')) read.pop();
  const first = read.find((token) => !isSign(token, '('));
  const verb = first?.kind === 'word' ? first.text.toUpperCase() : '';
  if (!verbs.has(verb)) return 'only SELECT, WITH, SHOW, DESCRIBE, EXPLAIN and EXISTS are open to this user';
  if (verb === 'SHOW' && !shows.test(`${read[1]?.text} ${read[2]?.text}`)) return 'this SHOW is not open to this user';
  const plainRead = verb === 'SELECT' || verb === 'WITH' || verb === 'FROM';
  for (let i = 0; i < read.length; i++) {
    const reason = refusedToken(read, i, surroundings, plainRead);
    if (reason) return reason;
  }
  return undefined;
}

function refusedToken(read: Token[], i: number, around: Surroundings, plainRead: boolean): string | undefined {
  const token = read[i]!;
  const [before, after] = [read[i - 1], read[i + 1]];
  if (isSign(token, ';')) return 'only one statement at a time';
  if (token.kind !== 'word' && token.kind !== 'quoted') return undefined;
  if (token.kind === 'quoted' && token.text.includes('\\')) return 'escapes in quoted identifiers';
  if (isWord(token, 'OUTFILE') && isWord(before, 'INTO')) return 'INTO OUTFILE';
  if (isWord(token, 'WITH') && isWord(before, 'PARALLEL')) return 'PARALLEL WITH';
  if (isWord(token, 'SETTINGS') && !isSign(before, '.') && after && after.kind !== 'sign')
    return 'SETTINGS in the statement: name them in the URL';
  if (isWord(token, 'UUID') && after?.kind === 'string') return 'tables by UUID';
  const name = token.text.toLowerCase();
  if (name === 'identifier' && isSign(before, ':')) return 'identifiers as parameters';
  const called = isSign(after, '(');
  if (called && around.tableFunctions.has(name) && !harmlessTableFunctions.has(name))
    return `the table function ${token.text}`;
  if (refusedFunctions.test(name) && (called || !isSign(before, '.'))) return `the function ${token.text}`;
  if (isSign(before, '.') || (plainRead && !isSign(after, '.'))) return undefined;
  return foreign(token.text, around) && !readableSystem(read, i) ? `the database ${token.text}` : undefined;
}

function foreign(latin1: string, { database, databases }: Surroundings): boolean {
  const name = Buffer.from(latin1, 'latin1').toString();
  return name !== database && (databases.has(name) || /^(system|information_schema)$/i.test(name));
}

function readableSystem(read: Token[], i: number): boolean {
  return read[i]!.text === 'system' && isSign(read[i + 1], '.') && readableSystemTables.has(read[i + 2]?.text ?? '');
}
