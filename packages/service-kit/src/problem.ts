import { isTerm, label } from '@fenxiao/domain/dictionary';
import { DomainError, type ErrorKind } from '@fenxiao/domain/domain-error';
import { isTransient } from '@fenxiao/messaging/once-only';
import { Catch, HttpException, Inject, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError } from 'rxjs';
import { notReady, outOfRange, takenMeanwhile } from './errors.js';
import { Regulations, type Regulation } from './regulations.js';

const statusOf: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  'too-large': 413,
  unprocessable: 422,
  'precondition-required': 428,
  'too-many': 429,
  unavailable: 503,
};

/** RFC 9457, with the stable code, the rule that refused, the field, in the reader's language. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly instance: string;
  readonly rule?: string;
  /** the document in force that the rule stands in */
  readonly regulation?: Regulation;
  readonly field?: string;
}

const titles: Readonly<Record<number, readonly [en: string, zh: string]>> = {
  400: ['Not as asked for', '请求不合要求'],
  401: ['Not signed in', '未登录'],
  403: ['Not permitted', '无权办理'],
  404: ['Not found', '未找到'],
  405: ['Method not allowed', '不支持的方法'],
  406: ['Not acceptable', '无法提供所要求的格式'],
  408: ['Took too long', '请求超时'],
  409: ['Not possible now', '目前不能办理'],
  412: ['Changed meanwhile', '已被他人修改'],
  413: ['Too large', '请求过大'],
  414: ['Address too long', '地址过长'],
  415: ['Unsupported format', '不支持的格式'],
  422: ['Refused by a rule', '不符合规定'],
  428: ['Version needed', '缺少版本号'],
  429: ['Too many requests', '请求过于频繁'],
  431: ['Headers too large', '请求头过大'],
  500: ['A fault of ours', '系统故障'],
  503: ['Not available now', '暂时不可用'],
};

/** One filter for everything thrown in a request. Handlers of events pass theirs on: the consumer decides there. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('request');

  constructor(@Inject(Regulations) private readonly regulations: Regulations) {}

  catch(error: unknown, host: ArgumentsHost): unknown {
    if (host.getType() !== 'http') return throwError(() => error);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refused = refusedByDatabase(error);
    const problem = problemOf(refused ?? error, request);
    if (problem.status >= 500) this.#logger.error({ requestId: request.id, err: error }, 'request failed');
    // The forms let a value pass that they should have refused.
    else if (refused)
      this.#logger.warn({ requestId: request.id, why: (error as Error).message }, 'refused by the database');
    if (problem.rule === undefined) return sendProblem(problem, request, reply);
    return this.regulations
      .covering(problem.rule)
      .then((regulation) => sendProblem(regulation ? { ...problem, regulation } : problem, request, reply));
  }
}

export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="fenxiao"');
  // Closing at once would break off who is still sending, before the answer is read; the rest is read and thrown away, as
  // long as a request may take.
  if (problem.status === 413) void reply.removeHeader('connection');
  if (problem.status === 503) void reply.header('retry-after', '1');
  return reply
    .status(problem.status)
    .header('content-language', languageOf(request))
    .type('application/problem+json')
    .send(problem);
}

/** Of a DomainError, or anything with an HTTP status; all else is a fault of ours, of which no more is said. */
export function problemOf(error: unknown, request: Pick<FastifyRequest, 'headers' | 'id'>): Problem {
  const language = languageOf(request);
  const instance = `urn:request:${request.id}`;
  if (error instanceof DomainError) {
    const { code, rule, field, extra } = error;
    const status = statusOf[error.kind];
    return {
      type: `urn:fenxiao:problem:${code}`,
      title: title(status, language),
      status,
      detail: inWords(error, language),
      code,
      ...(rule ? { rule } : {}),
      ...(field ? { field } : {}),
      ...extra,
      instance,
    };
  }
  const { statusCode = 500, message = '' } = error as { statusCode?: number; message?: string };
  const status = error instanceof HttpException ? error.getStatus() : statusCode;
  const detail = status < 500 && message ? message.slice(0, 1000) : title(status, language);
  return { type: 'about:blank', title: title(status, language), status, detail, code: `http.${status}`, instance };
}

/**
 * A value PostgreSQL can't hold or compare (class 22), a row that somebody else made at the same moment, or a database that
 * is away: nothing was done then, or it was and the same Idempotency-Key gets the answer.
 */
function refusedByDatabase(error: unknown): DomainError | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code } = e as { code?: unknown };
    if (code === '23505') return takenMeanwhile({}, { cause: error });
    if (typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code)) return outOfRange({}, { cause: error });
  }
  return isTransient(error) ? notReady({}, { cause: error }) : undefined;
}

/** Params that name roles, moves, states or kinds of object, one or several, are read as people call them. */
const named = new Set(['roles', 'move', 'state', 'allowed', 'what']);

/** What an error says, with the roles, moves and states it names as people call them. */
export function inWords(error: DomainError, language: 'en' | 'zh'): string {
  const of = error.extra?.['procedure'] as string | undefined;
  const words = Object.entries(error.params).map(([name, value]) => {
    if (!named.has(name) || typeof value !== 'string') return [name, value];
    const terms = value.split(', ').map((term) => (isTerm(term, of) ? label(term, of)[language] : term));
    return [name, terms.join(language === 'zh' ? '、' : ', ')];
  });
  return new DomainError(error.definition, Object.fromEntries(words) as DomainError['params']).text(language);
}

const title = (status: number, language: 'en' | 'zh') =>
  (titles[status] ?? titles[status >= 500 ? 500 : 400]!)[language === 'zh' ? 1 : 0];

/** zh when the reader prefers it to English (Accept-Language), else en. */
export function languageOf(request: Pick<FastifyRequest, 'headers'>): 'en' | 'zh' {
  const wanted = (request.headers['accept-language'] ?? '').split(',').map((part) => {
    const [tag = '', q] = part.trim().split(/;\s*q=/);
    return { tag: tag.toLowerCase(), q: q === undefined ? 1 : Number(q) || 0 };
  });
  const best = (prefix: string) => Math.max(0, ...wanted.filter(({ tag }) => tag.startsWith(prefix)).map(({ q }) => q));
  return best('zh') > best('en') ? 'zh' : 'en';
}
