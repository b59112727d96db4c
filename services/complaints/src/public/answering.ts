import { languageOf } from '@fenxiao/service-kit/problem';
import type { Language } from '@fenxiao/domain/dictionary';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { policy } from './page.js';

/** How pages for people without an account are sent: kept nowhere, and with nothing told to whatever comes next. */

export function send(reply: FastifyReply, status: number, page: string): void {
  void reply
    .status(status)
    .headers({ 'content-security-policy': policy, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    .type('text/html; charset=utf-8')
    .send(page);
}

/** The language asked for in the address, else by the browser. */
export function languageFor(request: FastifyRequest): Language {
  const { lang } = request.query as { lang?: unknown };
  return lang === 'zh' || lang === 'en' ? lang : languageOf(request);
}
