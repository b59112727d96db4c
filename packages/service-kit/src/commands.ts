import { createHash } from 'node:crypto';
import { refusal } from '@fenxiao/contracts/platform';
import { hasTopic } from '@fenxiao/contracts/topics';
import { DomainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import type { Sql } from '@fenxiao/messaging/sql';
import { classesOf } from '@fenxiao/procedures/classes';
import { kebab, movesFrom, type Move } from '@fenxiao/procedures/procedure';
import { Counter } from 'prom-client';
import { heldBy, powerTo, type Actor } from './actor.js';
import { keyReused } from './errors.js';
import { requireRead } from './gate.js';
import { requireRole, type Attempt } from './checks.js';
import { lock, make, open, type AnyBound, type Entity } from './engine.js';
import { disclosed } from './masking.js';
import type { PersonalKeys } from './personal-keys.js';
import type { Transactions, Work } from './work.js';

/** What a client is answered. `version` is the ETag. */
export interface Answer {
  readonly status: 200 | 201;
  readonly version?: number;
  readonly body: unknown;
  /** the subject under whose key the answer is kept, where it tells of a person */
  readonly under?: string;
}

/** What came with the request beside its body. */
export interface RequestHeaders {
  readonly ifMatch?: number | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** Runs what people ask for: once per Idempotency-Key, in one transaction, every refusal written down. */
export class Commands {
  readonly #refusals: ReturnType<typeof refusal>;

  constructor(
    private readonly transactions: Transactions,
    service: string,
  ) {
    this.#refusals = refusal(service);
  }

  /** POST /{path}: the procedure's first move. */
  start(actor: Actor, bound: AnyBound, body: unknown, headers: RequestHeaders): Promise<Answer> {
    const { name, start, clause } = bound.procedure;
    return this.run(
      actor,
      { procedure: name, move: kebab(start.move), rule: start.clause ?? clause },
      body,
      headers,
      async (work) => {
        const subject = await open(work, bound, { form: body });
        return answerOf(work, bound, subject, 201);
      },
    );
  }

  /** POST /{path}/{id}/{move}. */
  move(
    actor: Actor,
    bound: AnyBound,
    id: string,
    name: string,
    body: unknown,
    headers: RequestHeaders,
  ): Promise<Answer> {
    const move = bound.procedure.moves[name] as Move;
    const attempt: Attempt = { form: body, ifMatch: headers.ifMatch };
    const target = {
      procedure: bound.procedure.name,
      move: kebab(name),
      about: id,
      rule: move.clause ?? bound.procedure.clause,
    };
    return this.run(actor, target, body, headers, async (work) => {
      // Who may never make it is told so, and not whether there is such a subject.
      requireRole(actor, bound.procedure, name);
      const subject = await lock(work, bound, id);
      await make(work, bound, subject, name, attempt);
      return answerOf(work, bound, subject, 200);
    });
  }

  /** Any other command of a service: same guarantees. */
  async run(
    actor: Actor,
    target: { procedure: string; move: string; rule: string; about?: string },
    body: unknown,
    { idempotencyKey: key }: RequestHeaders,
    command: (work: Work) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      requireRead(actor, target.procedure);
      return await this.transactions.run(actor, async (work) => {
        if (key === undefined) return command(work);
        const request = createHash('sha256')
          .update(JSON.stringify([target, body]))
          .digest();
        const answered = await claimKey(work, actor, key, request);
        if (answered) return answered;
        const answer = await command(work);
        const { personalKeys, now } = work;
        const plain = JSON.stringify(answer.body);
        const kept = answer.under ? await personalKeys.sealedText(work, answer.under, 'answer', plain, now) : plain;
        await work.query('UPDATE idempotency SET status = $3, version = $4, body = $5 WHERE actor = $1 AND key = $2', [
          actor.person,
          key,
          answer.status,
          answer.version ?? null,
          kept,
        ]);
        return answer;
      });
    } catch (error) {
      if (
        error instanceof DomainError &&
        error.kind !== 'invalid' &&
        error.kind !== 'stale' &&
        error.kind !== 'not-found'
      )
        await this.recordRefusal(actor, target, error);
      throw error;
    }
  }

  /** in a transaction of its own, since the refused one rolled back. Published where the service has a topic. */
  private recordRefusal(
    actor: Actor,
    target: { procedure: string; move: string; rule: string; about?: string },
    error: DomainError,
  ): Promise<void> {
    const { procedure, move, about } = target;
    const rule = error.rule ?? target.rule;
    const role = actor.positions[0]?.roles[0] ?? 'none';
    const region = actor.positions[0]?.region ?? undefined;
    refusals.inc({ procedure, move, rule, code: error.code });
    return this.transactions.run(actor, (work) => {
      work.record({
        procedure,
        move,
        outcome: 'refused',
        rule,
        role,
        code: error.code,
        reason: error.message.slice(0, 2000),
        region,
        ...(about ? { subject: about } : {}),
      });
      if (!hasTopic(work.service)) return Promise.resolve();
      const { state } = (error.extra ?? {}) as { state?: string };
      work.publish(
        this.#refusals.refused,
        { id: newId(), events: 0 },
        {
          procedure,
          move,
          code: error.code,
          kind: error.kind,
          detail: error.message.slice(0, 2000),
          ...(about ? { about } : {}),
          ...(state ? { state } : {}),
        },
        { rule, role, ...(region ? { region } : {}) },
      );
      return Promise.resolve();
    });
  }
}

/** Takes the key for this request, or finds the answer it had. A second request with it waits for the first. */
async function claimKey(work: Work, actor: Actor, key: string, request: Buffer): Promise<Answer | undefined> {
  const taken = await work.query(
    'INSERT INTO idempotency (actor, key, request) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING key',
    [actor.person, key, request],
  );
  if (taken.length > 0) return undefined;
  const [seen] = await work.query<{ request: Buffer; status: 200 | 201; version: number | null; body: string }>(
    'SELECT request, status, version, body FROM idempotency WHERE actor = $1 AND key = $2',
    [actor.person, key],
  );
  if (!seen?.request.equals(request)) throw keyReused();
  return {
    status: seen.status,
    ...(seen.version === null ? {} : { version: seen.version }),
    body: JSON.parse(await work.personalKeys.openedText(work, 'answer', seen.body)) as unknown,
  };
}

async function answerOf(work: Work, bound: AnyBound, subject: Entity, status: 200 | 201): Promise<Answer> {
  const [body] = await present(work, work.personalKeys, bound, [subject], work.actor);
  const personal = classesOf(bound.procedure).personal.size > 0;
  return { status, version: subject.version, body, ...(personal ? { under: subject.id } : {}) };
}

/** Subjects as their reader sees them, with the moves that reader could make now. */
export async function present(
  sql: Sql,
  keys: PersonalKeys,
  bound: AnyBound,
  subjects: readonly Entity[],
  actor: Actor,
): Promise<Record<string, unknown>[]> {
  const { procedure } = bound;
  const views = await keys.opened(
    sql,
    procedure,
    subjects.map((subject) => bound.view(subject, actor)),
  );
  return subjects.map((subject, i) => {
    const possible = movesFrom(procedure, subject.state).filter((name) =>
      heldBy(actor, powerTo(actor, procedure, name), subject),
    );
    const { id, state, version, createdAt, enteredAt } = subject;
    const view = disclosed(procedure, views[i]!, subject, actor);
    return { id, state, version, createdAt, enteredAt, ...view, moves: possible.map(kebab) };
  });
}

const refusals = new Counter({
  name: 'refusals_total',
  help: 'Moves a rule refused',
  labelNames: ['procedure', 'move', 'rule', 'code'],
});
