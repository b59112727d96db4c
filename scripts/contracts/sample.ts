import { createHash } from 'node:crypto';
import type { EventContract, Meta } from '@fenxiao/contracts/event';
import { kebab, type Move, type Procedure } from '@fenxiao/procedures/procedure';
import { clauses, refusing, words } from './sample-words.js';
import { faults, isObject, schemaOf, type JsonObject } from './schema.js';

/**
 * A golden sample: one whole event in CloudEvents' structured form, with every optional field of its data, the same on
 * every machine. Samples fit together: the order of a shipment's sample is the order of the orders' samples.
 */

/** Half past ten in the morning in Shanghai, and a minute more for each fact of the aggregate. */
const timeOf = (position: number) => new Date(Date.UTC(2026, 2, 5, 2, 29 + position)).toISOString();

/** @param position which of its aggregate's facts it is, from 1 */
export function sampleOf(contract: EventContract, procedure: Procedure | undefined, position: number): JsonObject {
  const schema = schemaOf(contract);
  const fields = new Sampler(contract, schema, storyOf(contract, procedure)).object(schema);
  const data = contract.strict.parse({ ...fields, meta: metaOf(contract, procedure) }) as JsonObject;
  return {
    specversion: '1.0',
    id: uuid(contract.type),
    type: contract.type,
    source: `/${contract.service}`,
    subject: idOf(contract.aggregate),
    time: timeOf(position),
    sequence: position,
    datacontenttype: 'application/json',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    data,
  };
}

/** The move of the procedure that publishes the fact; the first where several do. */
function moveOf({ fact }: EventContract, procedure: Procedure | undefined): [string, Move] | undefined {
  const moves = Object.entries((procedure?.moves ?? {}) as Record<string, Move>);
  return moves.find(([, move]) => move.fact === fact) ?? moves.find(([, move]) => move.decides?.stepFact === fact);
}

/** What only the procedure knows: the state the fact leaves behind, and the move whose clock a platform fact reports. */
function storyOf(contract: EventContract, procedure: Procedure | undefined): JsonObject {
  const { aggregate, fact } = contract;
  if (fact === 'clock-warned' || fact === 'clock-breached') {
    const moves = Object.entries((procedure?.moves ?? {}) as Record<string, Move>);
    const [name, timed] = moves.find(([, move]) => move.clock) ?? [];
    return { procedure: aggregate, move: kebab(name ?? 'approve'), state: timed ? first(timed.from) : 'submitted' };
  }
  if (aggregate === 'move' || aggregate === 'notice')
    return { procedure: refusing[contract.service] ?? aggregate, about: idOf(refusing[contract.service] ?? aggregate) };
  if (procedure?.start.fact === fact) return { state: first(procedure.start.to) };
  const [, move] = moveOf(contract, procedure) ?? [];
  return { state: move ? first(move.to ?? move.from) : fact };
}

const first = (states: string | readonly string[]) => [states].flat()[0]!;

/** As the kit fills it: a fact of a move names the move, its role and clause; any other fact is the system's. */
function metaOf(contract: EventContract, procedure: Procedure | undefined): Meta {
  const rule = procedure?.clause ?? clauses[contract.aggregate] ?? 'X-03';
  const bySystem = { actor: 'system', role: 'system', region: idOf('region'), rule };
  if (!procedure) return bySystem;
  const byPerson = (by: object, clause: string | undefined) => {
    const role = Object.keys(by)[0] ?? 'system';
    return { ...bySystem, rule: clause ?? rule, role, ...(role === 'system' ? {} : { actor: idOf('person') }) };
  };
  const { start } = procedure;
  if (start.fact === contract.fact) {
    const stamp = { procedure: procedure.name, name: kebab(start.move), to: first(start.to) };
    return { ...byPerson(start.by, start.clause), move: stamp };
  }
  const [name, move] = moveOf(contract, procedure) ?? [];
  if (!name || !move) return bySystem;
  const from = first(move.from);
  const to = first(move.to ?? from);
  return {
    ...byPerson(move.by, move.clause),
    ...(move.reason ? { reason: words['reason'] as string } : {}),
    move: {
      procedure: procedure.name,
      name: kebab(name),
      from,
      to,
      enteredAt: '2026-03-05T01:10:00.000Z',
      ...(move.clock ? { dueAt: '2026-03-06T10:00:00.000Z' } : {}),
    },
    ...(move.decides ? { before: { state: from }, after: { state: to } } : {}),
  };
}

/** Fills a schema: by the field's name where `words` has one that fits, else by the schema itself. */
class Sampler {
  constructor(
    private readonly contract: EventContract,
    private readonly document: JsonObject,
    private readonly story: JsonObject,
  ) {}

  object(schema: JsonObject): JsonObject {
    const fields = Object.entries((schema['properties'] ?? {}) as Record<string, JsonObject>);
    return Object.fromEntries(
      fields.filter(([name]) => name !== 'meta').map(([name, field]) => [name, this.#field(name, field)]),
    );
  }

  #field(name: string, field: JsonObject): unknown {
    const schema = this.#resolve(field);
    const { aggregate, fact } = this.contract;
    const keys = [`${aggregate}.${name}`, name];
    const candidates = [words[`${aggregate}.${fact}.${name}`], this.story[name], ...keys.map((key) => words[key])];
    const word = candidates.find((candidate) => candidate !== undefined && this.#fits(schema, candidate));
    return word ?? this.#byType(name, schema);
  }

  #byType(name: string, schema: JsonObject): unknown {
    if ('const' in schema) return schema['const'];
    if (Array.isArray(schema['enum'])) return schema['enum'][0];
    const [branch] = (schema['anyOf'] ?? schema['oneOf'] ?? []) as JsonObject[];
    if (branch) return this.#field(name, branch);
    if (schema['type'] === 'object') return this.object(schema);
    if (schema['type'] === 'array') return [this.#field(name.replace(/s$/, ''), schema['items'] as JsonObject)];
    if (schema['type'] === 'boolean') return true;
    if (schema['type'] === 'integer' || schema['type'] === 'number') return Math.max(1, Number(schema['minimum'] ?? 1));
    if (schema['format'] === 'uuid') return idOf(kebab(name).replace(/-id$/, ''));
    if (schema['format'] === 'date') return '2026-03-05';
    if (schema['format'] === 'date-time') return timeOf(1);
    return this.#text(name, schema);
  }

  #text(name: string, schema: JsonObject): string {
    const spoken = kebab(name).replaceAll('-', ' ');
    const texts = [spoken[0]!.toUpperCase() + spoken.slice(1), kebab(name), '100.00', '100', '09:00', 'A-100', 'A100'];
    const found = texts.find((candidate) => this.#fits(schema, candidate));
    if (found) return found;
    throw new Error(`${this.contract.type}: no sample for "${name}"; give it one in scripts/contracts/sample-words.ts`);
  }

  #fits(schema: JsonObject, value: unknown): boolean {
    return faults({ ...schema, $defs: this.document['$defs'] ?? {} }, value).length === 0;
  }

  #resolve(field: JsonObject): JsonObject {
    const ref = field['$ref'];
    if (typeof ref !== 'string') return field;
    const definitions = this.document['$defs'];
    const target = isObject(definitions) ? definitions[ref.replace('#/$defs/', '')] : undefined;
    if (!isObject(target)) throw new Error(`${this.contract.type}: ${ref} is not in its schema`);
    return target;
  }
}

/** Other names under which fields point to the same thing. */
const aliases: Record<string, string> = {
  manager: 'person',
  guarantor: 'person',
  partner: 'person',
  agreement: 'regulation',
  owner: 'person',
  'actor-person': 'person',
  about: 'order',
};

const idOf = (thing: string) => uuid(aliases[thing] ?? thing);

/** A UUIDv7 that depends on the name alone. */
function uuid(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16);
  bytes.writeUIntBE(Date.parse('2026-03-02T01:00:00Z'), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
