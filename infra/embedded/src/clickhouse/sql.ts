/** How ClickHouse cuts SQL into tokens (src/Parsers/Lexer.cpp), and the little we need to know about a statement. */

export interface Token {
  /** `wrong` is what ClickHouse may read otherwise than we do: open quotes, characters outside ASCII, stray signs. */
  kind: 'word' | 'quoted' | 'string' | 'number' | 'sign' | 'wrong';
  /** Words as written, quoted identifiers without their quotes, everything else as written. */
  text: string;
  start: number;
  end: number;
}

export interface Statement {
  /** `select` answers with rows in a format; `insert` brings data with it; anything else is a `command`. */
  kind: 'select' | 'insert' | 'command';
  /** The statement without its FORMAT clause, data, final semicolon and last comment. */
  text: string;
  /** From FORMAT to the end, when the statement names a format. */
  formatClause: string;
  format: string | undefined;
  /** Of an insert: where FROM INFILE belongs in `text`, and where the data begins in what was read. */
  infileAt: number;
  dataAt: number;
}

export class StatementError extends Error {}

const blank = /[ \t\n\r\f\v]+|--[^\n]*|\/\/[^\n]*|#[ !][^\n]*/y;
const digits = String.raw`\d+(?:_\d+)*`;
const hexDigits = '[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*';
const exponent = `[eE][+-]?(?:${digits})?`;
const afterDot = new RegExp(digits, 'y');
const number = new RegExp(
  `0[xX]${hexDigits}(?:\\.(?:${hexDigits})?)?(?:[pP][+-]?(?:${digits})?)?` +
    `|(?:0[bB](?=[01]))?${digits}(?:\\.(?:${digits})?)?(?:${exponent})?|\\.${digits}(?:${exponent})?`,
  'y',
);
const word = /[A-Za-z0-9_$]+/y;
const quotes: [RegExp, Token['kind']][] = [
  [/[xX]'[0-9a-fA-F]*'|[bB]'[01]*'|'(?:[^'\\]|\\[\s\S]|'')*'(?!')/y, 'string'],
  [/"(?:[^"\\]|\\[\s\S]|"")*"(?!")|`(?:[^`\\]|\\[\s\S]|``)*`(?!`)/y, 'quoted'],
];
const signs = /->|::|\|\||@@|<=>|[<>!=]=|<>|[()[\]{},;.+\-*/%=<>?:|@^]/y;

/** The tokens of a text in which each byte is one character (latin1), read one by one: what follows may be raw data. */
export function* tokens(text: string): Generator<Token, void, undefined> {
  let at = 0;
  let previous: Token | undefined;
  while ((at = skipBlank(text, at)) < text.length) {
    const token = next(text, at, previous);
    yield token;
    previous = token;
    at = token.end;
  }
}

function next(text: string, start: number, previous: Token | undefined): Token {
  const made = (kind: Token['kind'], end: number, value = text.slice(start, end)): Token => {
    return { kind, text: value, start, end };
  };
  const first = text[start]!;
  if (/[0-9]/.test(first) || (first === '.' && !isDot(text, start, previous))) {
    const end = matchAt(isSign(previous, '.') ? afterDot : number, text, start) ?? start + 1;
    const rest = matchAt(/\w+/y, text, end);
    if (rest === undefined) return made('number', end);
    return made(/^[\w$]+$/.test(text.slice(start, rest)) ? 'word' : 'wrong', rest);
  }
  if (first === '$') {
    const heredoc = heredocEnd(text, start);
    return heredoc === undefined ? made('wrong', start + 1) : made('string', heredoc);
  }
  for (const [pattern, kind] of quotes) {
    const end = matchAt(pattern, text, start);
    if (end === undefined) continue;
    return made(kind, end, kind === 'quoted' ? unquote(text.slice(start, end)) : undefined);
  }
  if (/['"`]/.test(first) || /^[xXbB]'/.test(text.slice(start, start + 2))) return made('wrong', text.length);
  if (text.startsWith('/*', start)) return made('wrong', text.length);
  const wordEnd = matchAt(word, text, start);
  if (wordEnd !== undefined) return made('word', wordEnd);
  const signEnd = matchAt(signs, text, start);
  return signEnd === undefined ? made('wrong', start + 1) : made('sign', signEnd);
}

/** A dot is an operator after a name, number or closing bracket, or when no digit follows; else it begins a number. */
function isDot(text: string, at: number, previous: Token | undefined): boolean {
  if (!/[0-9]/.test(text[at + 1] ?? '')) return true;
  return previous !== undefined && (/word|quoted|number/.test(previous.kind) || /^[)\]]$/.test(previous.text));
}

function heredocEnd(text: string, start: number): number | undefined {
  const nameEnd = text.indexOf('$', start + 1);
  if (nameEnd < 0) return undefined;
  const fence = text.slice(start, nameEnd + 1);
  const close = text.indexOf(fence, nameEnd + 1);
  return close < 0 ? undefined : close + fence.length;
}

/** Blanks and comments; comments between slash and star nest. An open one is left for the caller to find. */
function skipBlank(text: string, from: number): number {
  let at = from;
  for (;;) {
    const end = matchAt(blank, text, at) ?? blockComment(text, at);
    if (end === undefined) return at;
    at = end;
  }
}

function blockComment(text: string, start: number): number | undefined {
  if (!text.startsWith('/*', start)) return undefined;
  const fence = /\/\*|\*\//g;
  fence.lastIndex = start;
  for (let depth = 0, found = fence.exec(text); found; found = fence.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return fence.lastIndex;
  }
  return undefined;
}

function matchAt(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** Backslashes stay: who must be sure of a name refuses them. */
function unquote(quoted: string): string {
  const quote = quoted[0]!;
  return quoted.slice(1, -1).replaceAll(quote + quote, quote);
}

const rowVerbs = new Set(['SELECT', 'WITH', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'CHECK']);

/**
 * Reads one statement, of an insert only up to its data.
 *
 * @throws StatementError for several statements, INTO OUTFILE and FROM INFILE, none of which an HTTP client may send
 */
export function readStatement(text: string): Statement {
  const verb = firstWord(text);
  if (verb === 'INSERT') return readInsert(text);
  const read: Token[] = [];
  let depth = 0;
  let inserts = false;
  let ended = false;
  for (const token of tokens(text)) {
    const last = read.at(-1);
    if (ended) throw new StatementError('Multi-statements are not allowed');
    if (isWord(token, 'OUTFILE') && isWord(last, 'INTO')) throw new StatementError('INTO OUTFILE is not allowed here');
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    if (depth === 0 && isWord(token, 'INTO') && isWord(last, 'INSERT')) inserts = true;
    if (isSign(token, ';')) ended = true;
    else read.push(token);
  }
  const end = read.at(-1)?.end ?? 0;
  const at = formatClauseAt(read);
  // Its inner statement takes an INTO OUTFILE and a FORMAT for its own.
  const ast = verb === 'EXPLAIN' && isWord(read[1], 'AST');
  const clause = at === undefined ? end : read[at]!.start;
  return {
    kind: rowVerbs.has(verb) && !inserts && !ast ? 'select' : 'command',
    text: text.slice(0, clause),
    formatClause: text.slice(clause, end),
    format: at === undefined ? undefined : read[at + 1]!.text,
    infileAt: 0,
    dataAt: 0,
  };
}

function firstWord(text: string): string {
  for (const token of tokens(text)) {
    if (token.kind === 'word') return token.text.toUpperCase();
    if (!isSign(token, '(')) break;
  }
  return '';
}

/** Index of a FORMAT that ends the statement, alone or before SETTINGS, and is not a column of that name. */
function formatClauseAt(read: Token[]): number | undefined {
  let settings = read.length;
  for (let i = read.length - 1; i > 0; i--) if (isWord(read[i], 'SETTINGS')) settings = i;
  for (const at of [read.length - 2, settings - 2]) {
    const [before, token, name] = [read[at - 1], read[at], read[at + 1]];
    if (!before || !token || name?.kind !== 'word' || !isWord(token, 'FORMAT')) continue;
    if (/^(ASC|DESC|TOTALS)$/i.test(name.text) || (before.kind === 'sign' && !/^[)\]}*]$/.test(before.text))) continue;
    if (!/^(AS|BY|SELECT|WHERE|HAVING|AND|OR|NOT|IN|LIKE|ON|DISTINCT)$/i.test(before.text)) return at;
  }
  return undefined;
}

/** INSERT INTO [TABLE] [FUNCTION] target [(columns)] [SETTINGS ...] and then VALUES, FORMAT or a SELECT. */
function readInsert(text: string): Statement {
  let depth = 0;
  let before: Token | undefined;
  let target = false;
  let infileAt: number | undefined;
  let formatAt: number | undefined;
  const withData = (end: number, format: string | undefined, dataAt: number): Statement => {
    const statement = { kind: 'insert' as const, text: text.slice(0, end), formatClause: '', format };
    return { ...statement, infileAt: infileAt ?? end, dataAt };
  };
  for (const token of tokens(text)) {
    if (formatAt !== undefined) return withData(formatAt, token.text, dataStart(text, token.end));
    if (isSign(token, ';')) throw new StatementError('Data or a SELECT is missing in the INSERT');
    const keyword = token.kind === 'word' && target && !isSign(before, '.') ? token.text.toUpperCase() : '';
    const inBrackets = depth === 1 && isSign(before, '(');
    if (/^(SELECT|WITH|WATCH)$/.test(keyword) && (depth === 0 || inBrackets)) return wholeInsert(text);
    if (depth === 0 && token.kind !== 'sign') {
      if (keyword === 'FROM') throw new StatementError('FROM INFILE is not allowed here');
      if (/^(SETTINGS|VALUES|FORMAT)$/.test(keyword)) infileAt ??= before!.end;
      if (keyword === 'VALUES') return withData(token.start, 'Values', token.end);
      if (keyword === 'FORMAT') formatAt = token.start;
      if (!/^(INSERT|INTO|TABLE|FUNCTION)$/i.test(token.text) || token.kind === 'quoted') target = true;
    }
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    before = token;
  }
  return withData(before?.end ?? 0, undefined, text.length);
}

/** An insert from a query carries no data: it is one statement to its end. */
function wholeInsert(text: string): Statement {
  let end = 0;
  let ended = false;
  for (const token of tokens(text)) {
    if (ended) throw new StatementError('Multi-statements are not allowed');
    if (isSign(token, ';')) ended = true;
    else end = token.end;
  }
  return { kind: 'command', text: text.slice(0, end), formatClause: '', format: undefined, infileAt: 0, dataAt: 0 };
}

/** Data begin after blanks and one line break behind the format's name (ParserInsertQuery.cpp). */
function dataStart(text: string, formatEnd: number): number {
  return matchAt(/[ \t\f]*;?[ \t\f]*\r?\n?/y, text, formatEnd) ?? formatEnd;
}

export function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}

/** Whether the token is this keyword, given in capitals. */
export function isWord(token: Token | undefined, keyword: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === keyword;
}

/** A string literal of ClickHouse for any text. */
export function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** A quoted identifier of ClickHouse for any text. */
export function identifier(text: string): string {
  return `\`${text.replace(/[\\`]/g, '\\$&')}\``;
}
