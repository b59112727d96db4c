/** Hostile requests below the SQL: credentials, paths, methods, headers, settings and bodies, as bytes on a connection. */
import { gzipSync } from 'node:zlib';

export interface HostileRequest {
  name: string;
  /** Sent piece by piece on one connection, which then stays open for the answer. */
  bytes: (string | Uint8Array)[];
  /** Right answers: HTTP status and ClickHouse's code (0 for none), or `closed` without an answer. */
  answers: string[];
  /** Whether our side of the connection is closed after the bytes. */
  ends?: boolean;
}

type Headers = Record<string, string | number>;

/** Users have their name as their password. */
const basic = (user: string, password = user) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const analyst = basic('analyst');
const analytics = basic('analytics');

function head(method: string, target: string, headers: Headers): string {
  const all = { Host: 'localhost', Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

const hostile = (name: string, answers: string, ...bytes: HostileRequest['bytes']): HostileRequest => ({
  name,
  bytes,
  answers: answers.split(', '),
});
const get = (name: string, answers: string, search: string, headers: Headers = analyst) =>
  hostile(name, answers, head('GET', `/?${search}`, headers));
const post = (name: string, answers: string, body: string | Uint8Array, headers: Headers = analyst, search = '') =>
  hostile(name, answers, head('POST', `/?${search}`, { 'Content-Length': body.length, ...headers }), body);
const query = (sql: string) => `query=${encodeURIComponent(sql)}`;
const one = query('SELECT 1');
const insert = query('INSERT INTO ledger FORMAT LineAsString');
const drop = query('DROP TABLE ledger');

const form = (fields: Record<string, string>, end = '--hostile-form--\r\n') =>
  Object.entries(fields)
    .map(([name, value]) => `--hostile-form\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('') + end;
const asForm = { ...analyst, 'Content-Type': 'multipart/form-data; boundary=hostile-form' };
const chunked = { ...analytics, 'Transfer-Encoding': 'chunked' };
const million = 'x'.repeat(1_000_000);
const bomb = gzipSync(Buffer.alloc(100_000_000, 'SELECT 1 '));

const credentials = [
  get('no credentials', '401 194', one, {}),
  get('a wrong password', '403 516', one, basic('analyst', 'analytics')),
  get('an empty password', '403 516', one, basic('analyst', '')),
  get('a password with a blank behind it', '403 516', one, basic('analyst', 'analyst ')),
  get('a password in capitals', '403 516', one, basic('analyst', 'ANALYST')),
  get('a password with NUL behind it', '403 516', one, basic('analyst', 'analyst\0')),
  get('a very long password', '403 516', one, basic('analyst', 'x'.repeat(500_000))),
  get('the user default', '403 516', one, basic('default', '')),
  get('a user in capitals', '403 516', one, basic('ANALYTICS')),
  get('SQL for a user', '403 516', one, basic(`' OR 1=1 --`)),
  get('a property of objects for a user', '403 516', one, basic('__proto__')),
  get('Basic that is not Base64', '401 194', one, { Authorization: 'Basic %%%' }),
  get('Basic without a colon', '401 194', one, { Authorization: 'Basic YW5hbHlzdA==' }),
  get('a bearer token', '401 194', one, { Authorization: 'Bearer analyst' }),
  get('a digest', '401 194', one, { Authorization: 'Digest username="analyst"' }),
  get('a wrong password in the URL', '403 516', `${one}&user=analyst&password=x`, {}),
  get('two users in the URL', '403 516', `${one}&user=analyst&user=analytics&password=analytics`, {}),
  get('a list of passwords', '403 516', `${one}&user=analyst&password[]=analyst`, {}),
  get('a wrong key', '403 516', one, { 'X-ClickHouse-User': 'analyst', 'X-ClickHouse-Key': 'x' }),
  get('a wrong password before a right one', '403 516', `${one}&user=analyst&password=analyst`, basic('analyst', 'x')),
];

const paths = [
  ...['/play', '/dashboard', '/binary', '/merges', '/jemalloc', '/replicas_status/x', '/../', '/%2e%2e/', '/./x']
    .concat('/query', '/?x#y/../', 'http://other.example/x', '//other.example/', '/\\', '/%00', '/ping/../x')
    .map((path) => hostile(`the path ${path}`, '404 404, 400 62, 403 497, 401 194', head('POST', path, analyst))),
  hostile('a path of 2 MB', '431 0, closed', head('GET', `/${million}${million}`, analyst)),
];

const methods = [
  ...['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'LOCK', 'SEARCH'].map((method) =>
    hostile(`${method} that drops`, '403 164', head(method, `/?${drop}`, analytics)),
  ),
  hostile('GET that drops and asks for leave', '403 164', head('GET', `/?${drop}&readonly=0`, analytics)),
  hostile('PUT that inserts', '403 164', head('PUT', `/?${insert}`, { ...analytics, 'Content-Length': 1 }), 'x'),
  hostile('CONNECT', 'closed', head('CONNECT', 'other.example:80', analyst)),
  hostile('a method that is none', '400 0', head('STEAL', '/', analyst)),
  hostile('HTTP/0.9', '200 0', 'GET /\r\n\r\n'),
  hostile('HTTP/2', '400 0', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  hostile('a TLS hello', '400 0, closed', Buffer.from('160301020001000001fc0303', 'hex'), '\r\n\r\n'),
  hostile(
    'an upgrade',
    '200 0, 400 0',
    head('GET', `/?${one}`, { ...analyst, Connection: 'Upgrade, close', Upgrade: 'h2c' }),
  ),
  hostile('no host', '400 0', `GET /?${one} HTTP/1.1\r\nConnection: close\r\n\r\n`),
];

const headers = [
  get('line breaks in the query id', '200 0', `${one}&query_id=a%0d%0aSet-Cookie:%20a=b`),
  get('line breaks in the format', '404 73', `${one}&default_format=TSV%0d%0aSet-Cookie:%20a=b`),
  get('SQL in the format', '404 73', `${one}&default_format=${encodeURIComponent("TSV INTO OUTFILE 'x'")}`),
  get('SQL in the header of the format', '404 73', one, { ...analyst, 'X-ClickHouse-Format': "TSV SETTINGS a = 'b'" }),
  get('another database', '403 497', `${one}&database=fenxiao`),
  get('another database in a header', '403 497', one, { ...analyst, 'X-ClickHouse-Database': 'fenxiao' }),
  get('SQL in the database', '403 497', `${one}&database=${encodeURIComponent('analyst`; DROP TABLE x; --')}`),
  get('NUL in a header', '400 0', one, { ...analyst, X: 'a\0b' }),
  get('a folded header', '400 0, 200 0', one, { ...analyst, X: 'a\r\n b' }),
  get('a header of 2 MB', '431 0, closed', one, { ...analyst, X: million + million }),
  get('an unknown expectation', '417 0', one, { ...analyst, Expect: 'the best' }),
];

const settings = [
  ...['additional_table_filters', 'allow_introspection_functions', 'max_threads', 'profile', 'format_schema']
    .concat('allow_ddl', 'user_files_path', 'SQL_x', 'enable_analyzer', 'output_format_schema', '__proto__')
    .concat('constructor', 'join_algorithm', 'max_bytes_before_external_sort', 'format_template_row')
    .map((name) => get(`the setting ${name}`, '403 452', `${one}&${name}=1`)),
  get('a setting behind a setting', '403 452', `${one}&${encodeURIComponent('limit = 1, readonly')}=0`),
  get(
    'SQL in a setting',
    '400 27, 400 72, 400 6, 400 36, 403 452',
    `${one}&limit=${encodeURIComponent("1'; SET readonly = 0; --")}`,
  ),
  get('NUL in a setting', '200 0', `${one}&session_timezone=UTC%00`),
  get('a file for a time zone', '400 36', `${one}&session_timezone=../../../../etc/passwd`),
  get('leave to write', '403 497', `${drop}&readonly=0`),
  get('no limits', '500 396', `${query('SELECT * FROM numbers(2000000) FORMAT Null')}&max_result_rows=0`),
  get('limits below none', '500 396', `${query('SELECT * FROM numbers(2000000) FORMAT Null')}&max_result_rows=-1`),
  get('cut results', '500 396', `${query('SELECT * FROM numbers(2000000) FORMAT Null')}&result_overflow_mode=break`),
  get(
    'SQL in a parameter',
    '200 0',
    `${query('SELECT {x:String}')}&param_x=${encodeURIComponent("'; DROP TABLE ledger; --")}`,
  ),
  get(
    'SQL for the name of a parameter',
    '500 456',
    `${query('SELECT {x:String}')}&${encodeURIComponent("param_x = ''; DROP TABLE ledger; --")}=1`,
  ),
  get('an identifier as a parameter', '403 497', `${query('SELECT * FROM {x:Identifier}')}&param_x=fenxiao.ledger`),
  get('a session', '403 497', `${query('SET readonly = 0')}&session_id=a`),
  get('LZ4 blocks', '501 48', `${one}&compress=1`),
];

const bodies = [
  post('half of it in the URL', '403 497', '; DROP VIEW sales', analyst, one),
  post('a form in the URL’s way', '403 497', `query=SELECT+1&user=analytics&password=analytics`, {
    ...analyst,
    'Content-Type': 'application/x-www-form-urlencoded',
  }),
  post(
    'a form that says who it is',
    '403 497',
    form({ query: 'DROP TABLE ledger', user: 'analytics', password: 'analytics' }),
    asForm,
  ),
  post('a form with a database', '403 497', form({ query: 'SELECT 1', database: 'fenxiao' }), asForm),
  post('a form with a setting', '403 452', form({ query: 'SELECT 1', max_threads: '1' }), asForm),
  post('a form that has no end', '400 117', form({ query: 'SELECT 1' }, ''), asForm),
  post('a form without a boundary', '400 117', form({ query: 'SELECT 1' }), {
    ...analyst,
    'Content-Type': 'multipart/form-data',
  }),
  post('a form that is none', '400 117', '\0'.repeat(1000), asForm),
  post(
    'a form with a file',
    '501 48',
    `--hostile-form\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n1\r\n--hostile-form--\r\n`,
    asForm,
  ),
  post('a form of 17 MB', '413 307', form({ query: 'SELECT 1', param_x: million.repeat(17) }), asForm),
  post('a statement of 5 MB', '403 497, 400 62', `SELECT '${million.repeat(5)}'`),
  post('what is no gzip', '400 354', 'SELECT 1', { ...analyst, 'Content-Encoding': 'gzip' }),
  post('half a gzip', '400 354', gzipSync('SELECT 1').subarray(0, 15), { ...analyst, 'Content-Encoding': 'gzip' }),
  post('a gzip bomb', '400 62', bomb, { ...analyst, 'Content-Encoding': 'gzip' }),
  post('a gzip in a gzip', '415 415', gzipSync(bomb), { ...analyst, 'Content-Encoding': 'gzip, gzip' }),
  post('LZ4 from a reader', '415 415', 'x', { ...analyst, 'Content-Encoding': 'lz4' }),
  post('what is no LZ4', '500 618', 'x'.repeat(100), { ...analytics, 'Content-Encoding': 'lz4' }, insert),
  post(
    'what is no Zstandard',
    '500 561, 500 562, 500 117',
    'x'.repeat(100),
    { ...analytics, 'Content-Encoding': 'zstd' },
    insert,
  ),
  post('LZ4 blocks that are none', '501 48', 'x'.repeat(100), analytics, `${insert}&decompress=1`),
  post('a negative length', '400 0', '', { ...analytics, 'Content-Length': -1 }, insert),
  post('a length that is no number', '400 0', 'x', { ...analytics, 'Content-Length': '0x1' }, insert),
  post('a length beyond all', '400 0', 'x', { ...analytics, 'Content-Length': '99999999999999999999' }, insert),
  post('two lengths', '400 0', 'x', { ...analytics, 'content-length': 2 }, insert),
  post('a length and chunks', '400 0', '0\r\n\r\n', { ...chunked, 'Content-Length': 5 }, insert),
  hostile(
    'chunks of chunks',
    '400 0',
    head('POST', `/?${insert}`, { ...chunked, 'Transfer-Encoding': 'chunked, chunked' }),
    '0\r\n\r\n',
  ),
  hostile(
    'chunks by another name',
    '400 0',
    head('POST', `/?${insert}`, { ...chunked, 'Transfer-Encoding': 'xchunked' }),
    '0\r\n\r\n',
  ),
  hostile('a chunk without a length', '400 0, closed', head('POST', `/?${insert}`, chunked), 'x\r\nyes\r\n0\r\n\r\n'),
  hostile('a chunk longer than said', '400 0, closed', head('POST', `/?${insert}`, chunked), '1\r\nxyz\r\n0\r\n\r\n'),
  hostile('a chunk beyond all', '400 0, closed', head('POST', `/?${insert}`, chunked), 'FFFFFFFFFFFFFFFFFF\r\nx\r\n'),
  hostile(
    'a chunk with a long remark',
    '400 0, 413 0, closed',
    head('POST', `/?${insert}`, chunked),
    `1;${million}\r\nx\r\n`,
  ),
  hostile(
    'a request behind a refused one',
    '400 0, 403 497',
    head('POST', '/', { ...analyst, 'Content-Length': 4 }),
    `DROP${head('POST', `/?${drop}`, analytics)}`,
  ),
  post(
    'a request for the body of a refused one',
    '403 516',
    head('POST', `/?${drop}`, analytics),
    basic('analytics', 'x'),
  ),
];

const unfinished = [
  { ...hostile('a head without an end', '400 0, closed', 'POST / HTTP/1.1\r\nHost: x\r\n'), ends: true },
  {
    ...hostile(
      'a body without an end',
      '400 0, closed',
      head('POST', '/', { ...analyst, 'Content-Length': 100 }),
      'SELECT 1',
    ),
    ends: true,
  },
  {
    ...hostile(
      'an insert without an end',
      '400 0, closed',
      head('POST', `/?${insert}`, { ...analytics, 'Content-Length': 1e9 }),
      `${million}\n`,
    ),
    ends: true,
  },
  {
    ...hostile(
      'chunks without an end',
      '400 0, closed',
      head('POST', `/?${insert}`, chunked),
      'F4240\r\n',
      million,
      '\r\n',
    ),
    ends: true,
  },
  hostile('a body that falls silent', 'closed', head('POST', '/', { ...analyst, 'Content-Length': 100 }), 'SELECT 1'),
  hostile(
    'chunks that fall silent',
    'closed',
    head('POST', '/', { ...analyst, 'Transfer-Encoding': 'chunked' }),
    '8\r\nSELECT 1\r\n',
  ),
  hostile(
    'a form that falls silent',
    'closed',
    head('POST', '/', { ...asForm, 'Content-Length': 1000 }),
    form({ query: 'SELECT 1' }),
  ),
];

export const hostileRequests = { credentials, paths, methods, headers, settings, bodies, unfinished };
