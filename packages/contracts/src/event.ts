import { z } from 'zod';
import { topicOf } from './topics.js';
import { Id, Instant, Line, Note } from './wire.js';

/**
 * Events are a public contract (CloudEvents 1.0, JSON data). An aggregate lists its facts once; from that list come
 * the types, the checks before an event is stored, JSON Schema, AsyncAPI and the golden samples.
 * Within a version only optional fields are ever added; anything else is `aggregate(..., { version: 2 })` beside it.
 */

/** Which move of which procedure an event reports. Only a move's own fact carries it, so moves can be counted. */
export const MoveStamp = z
  .object({
    procedure: z.string(),
    name: z.string(),
    from: z.string().optional(),
    to: z.string(),
    /** when the state it left was entered: cycle time is `time - enteredAt` */
    enteredAt: Instant.optional(),
    /** the deadline of the clock this move stopped, if one ran */
    dueAt: Instant.optional(),
  })
  .meta({ id: 'MoveStamp' });

/** Who did it, by which power, under which clause: the one fixed object of every event. */
export const Meta = z
  .object({
    /** person id, or `system` */
    actor: z.string(),
    actingFor: Id.optional(),
    role: z.string(),
    region: Id.optional(),
    /** clause of the catalogue, such as `D-20` */
    rule: z.string(),
    reason: Note.optional(),
    move: MoveStamp.optional(),
    before: z.record(z.string(), z.unknown()).optional(),
    after: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Meta' });
export type Meta = z.infer<typeof Meta>;

export interface EventContract<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** full type: `fenxiao.orders.order.confirmed.v1` */
  readonly type: string;
  readonly topic: string;
  readonly service: string;
  readonly aggregate: string;
  readonly fact: string;
  readonly version: number;
  /** what consumers read with: fields added later pass */
  readonly data: z.ZodObject<Shape & { meta: typeof Meta }>;
  /** what is written with: a field the contract does not name is refused */
  readonly strict: z.ZodType;
}

/** The data of an event as consumers see it. */
export type EventData<C extends EventContract> = z.infer<C['data']>;
/** The data a producer gives: the kit adds `meta`. */
export type FactData<C extends EventContract> = Omit<z.infer<C['data']>, 'meta'>;

/** An event as it is delivered. `sequence` counts the events of one aggregate from 1, without gaps. */
export interface Event<C extends EventContract = EventContract> {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly sequence: number;
  readonly traceparent?: string;
  readonly data: EventData<C>;
}

/** Facts the kit publishes for an aggregate whose procedure has clocks: the warning at 80 %, the breach at 100 %. */
const clockFact = {
  procedure: z.string(),
  move: z.string(),
  state: z.string(),
  startedAt: Instant,
  dueAt: Instant,
  /** who is told: the role the clock escalates to */
  escalateTo: z.string().optional(),
};
const clockFacts = { 'clock-warned': clockFact, 'clock-breached': clockFact };

type Facts = Readonly<Record<string, z.ZodRawShape>>;
export type AggregateContract<F extends Facts = Facts> = {
  readonly [K in keyof F]: EventContract<F[K]>;
} & { readonly [K in keyof typeof clockFacts]?: EventContract<typeof clockFact> };

interface AggregateOptions {
  readonly version?: number;
  /** its procedure has clocks */
  readonly clocks?: true;
}

const declared = new Map<string, EventContract>();

/**
 * Declares the events of one aggregate. Facts are past-tense kebab-case words; each is the raw shape of its data.
 * @throws Error when a type is declared twice
 */
export function aggregate<const F extends Facts>(
  service: string,
  name: string,
  facts: F,
  { version = 1, clocks }: AggregateOptions = {},
): AggregateContract<F> {
  const contracts: Record<string, EventContract> = {};
  for (const [fact, shape] of Object.entries({ ...facts, ...(clocks ? clockFacts : {}) })) {
    const type = `fenxiao.${service}.${name}.${fact}.v${version}`;
    if (declared.has(type)) throw new Error(`event declared twice: ${type}`);
    const full = { meta: Meta, ...shape };
    const contract = {
      type,
      topic: topicOf(service),
      service,
      aggregate: name,
      fact,
      version,
      data: z.object(full),
      strict: z.strictObject(full),
    };
    declared.set(type, contract);
    contracts[fact] = contract;
  }
  return contracts as AggregateContract<F>;
}

/**
 * Derives the events of a form-with-states from its form and its list of facts: each carries the number, the new
 * state and the whole form, and what the move's own form added.
 */
export function formEvents<const F extends Facts, Form extends z.ZodRawShape>(
  service: string,
  name: string,
  form: z.ZodObject<Form>,
  facts: F,
  options: AggregateOptions = {},
): AggregateContract<{ readonly [K in keyof F]: FormFact<Form> & F[K] }> {
  const base = { number: Line.optional(), state: z.string(), form };
  const shapes = Object.entries(facts).map(([fact, shape]) => [fact, { ...base, ...shape }]);
  return aggregate(service, name, Object.fromEntries(shapes), options) as never;
}
type FormFact<Form extends z.ZodRawShape> = {
  number: z.ZodOptional<typeof Line>;
  state: z.ZodString;
  form: z.ZodObject<Form>;
};

/** Events that every service publishes on its own topic, declared once for each, when first asked for. */
export function once<Contracts>(declare: (service: string) => Contracts): (service: string) => Contracts {
  const known = new Map<string, Contracts>();
  return (service) => {
    const contracts = known.get(service) ?? declare(service);
    known.set(service, contracts);
    return contracts;
  };
}

/** Every event declared by the modules loaded so far, by full type. */
export const declaredEvents = (): ReadonlyMap<string, EventContract> => declared;
