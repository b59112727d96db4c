import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/**
 * W3C trace context: taken from the request or begun here, and carried with every event, so that one trace leads from
 * a click to the dashboard. Spans are exported when an OTLP endpoint is configured (see `telemetry.ts`).
 */
const pattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export function traceparentOf(request: Pick<FastifyRequest, 'headers'>): string {
  const given = request.headers['traceparent'];
  if (typeof given === 'string' && pattern.test(given)) return given;
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}
