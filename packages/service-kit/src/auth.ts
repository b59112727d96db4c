import { createParamDecorator, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Actor } from './actor.js';
import { notAuthenticated, notReady, unknownPerson } from './errors.js';
import type { People } from './people.js';
import type { Tracing } from './tracing.js';

/** Algorithms a token may be signed with: asymmetric ones only, so that nobody can sign with what everybody knows. */
const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'];

/** Seconds by which the clocks of the issuer and of this machine may differ. */
const CLOCK_TOLERANCE = 5;

export interface AuthOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
}

/** Checks access tokens: who, from which issuer, for us, still valid. What the person may do is not in them. */
export class Tokens {
  readonly #keys: JWTVerifyGetKey;
  /** Signatures that were right, for a minute: a person sends the same token again and again. The end is looked at each time. */
  readonly #checked = new LRUCache<string, { sub: string; exp: number }>({ max: 2000, ttl: 60_000 });

  constructor(private readonly options: AuthOptions) {
    this.#keys = createRemoteJWKSet(new URL(options.jwksUri), { cacheMaxAge: 600_000, cooldownDuration: 5_000 });
  }

  /** @returns the token's subject @throws notAuthenticated, notReady when the keys can't be had */
  async subject(header: string | undefined): Promise<string> {
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1];
    if (!token) throw notAuthenticated({ why: 'Authorization: Bearer <token>' });
    const checked = this.#checked.get(token);
    if (checked && checked.exp + CLOCK_TOLERANCE > Date.now() / 1000) return checked.sub;
    const { issuer, audience } = this.options;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: CLOCK_TOLERANCE,
      });
      this.#checked.set(token, { sub: payload.sub!, exp: payload.exp! });
      return payload.sub!;
    } catch (error) {
      if (error instanceof errors.JOSEError && error.code !== 'ERR_JWKS_TIMEOUT')
        throw notAuthenticated({ why: error.code }, { cause: error });
      throw notReady({}, { cause: error });
    }
  }
}

const PUBLIC = 'public';
/** A route that needs no token: health, documentation. */
export const Public = () => SetMetadata(PUBLIC, true);

interface Authenticated extends FastifyRequest {
  actor?: Actor;
}

/** Every route needs a known person, but those marked `@Public()`. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: Tokens,
    private readonly people: People,
    private readonly tracing: Tracing,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [context.getHandler(), context.getClass()]))
      return true;
    const request = context.switchToHttp().getRequest<Authenticated>();
    const subject = await this.tokens.subject(request.headers.authorization);
    const actor = await this.people.actorFor(subject);
    if (!actor) throw unknownPerson();
    request.actor = { ...actor, requestId: request.id, traceparent: this.tracing.of(request) };
    return true;
  }
}

/** The person who asks, in a controller's method. */
export const Who = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<Authenticated>().actor!,
);
