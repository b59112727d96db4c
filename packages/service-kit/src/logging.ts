import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

/** Structured logs: one JSON object a line, with the service's name; tokens and cookies never appear. */
export const logger = (service: string, level: string): Logger =>
  pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['req.headers.authorization', 'req.headers.cookie'],
    serializers: { req: requestLine },
  });

/** A request without its query, which may hold the token of a link, or whom somebody looked for. */
const requestLine = ({ method, url, host, ip }: { method: string; url: string; host?: string; ip?: string }) => ({
  method,
  url: url.replace(/\?.*/s, ''),
  host,
  remoteAddress: ip,
});

/** Nest's own messages through the same logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly log_: Logger) {}
  log(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  #write(level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal', message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    if (message instanceof Error) this.log_[level]({ err: message, context });
    else if (typeof message === 'object' && message !== null)
      this.log_[level]({ ...message, context }, typeof rest[0] === 'string' ? rest[0] : '');
    else this.log_[level]({ context, ...(rest.length > 1 ? { stack: rest[0] } : {}) }, String(message));
  }
}
