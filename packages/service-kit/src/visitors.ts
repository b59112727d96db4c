import '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';

/** How often one address may ask for what needs no account. */
export interface VisitorLimit {
  readonly max: number;
  /** milliseconds */
  readonly timeWindow: number;
}

type Count = ReturnType<FastifyRequest['server']['createRateLimit']>;
/** IPv6: the network of one customer, who may have as many addresses as they like. */
const visitorOf = (ip: string): string => (ip.includes(':') ? ip.split(':').slice(0, 4).join(':') : ip);

const counts = new WeakMap<object, Map<VisitorLimit, Count>>();

/**
 * Counts a request of a visitor by its address, whatever else it says of itself.
 * @returns seconds until the next is taken, where there are too many
 */
export async function tooManyFrom(request: FastifyRequest, limit: VisitorLimit): Promise<number | undefined> {
  const { server } = request;
  const own = counts.get(server) ?? new Map<VisitorLimit, Count>();
  counts.set(server, own);
  const count = own.get(limit) ?? server.createRateLimit({ ...limit, keyGenerator: ({ ip }) => visitorOf(ip) });
  own.set(limit, count);
  const counted = await count(request);
  return counted.isAllowed || !counted.isExceeded ? undefined : counted.ttlInSeconds;
}
