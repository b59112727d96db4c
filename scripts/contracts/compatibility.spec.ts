import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { incompatibilities, type Schema } from './compatibility.js';

const schema = (type: z.ZodType) => z.toJSONSchema(type, { io: 'input' }) as Schema;
const Kind = z.enum(['direct', 'online', 'shop']);
const Code = z.string().regex(/^[A-Z]{1,8}$/);
const line = { line: z.int(), quantity: z.string() };
const published = {
  number: z.string().max(20),
  kind: Kind,
  code: Code,
  note: z.string().optional(),
  lines: z.array(z.object(line)).min(1),
};
const order = z.object(published);

describe('within a version', () => {
  it.each<[string, z.ZodType]>([
    ['nothing', order],
    ['an optional field', order.extend({ channel: z.string().optional() })],
    [
      'an optional field in the objects of a list',
      order.extend({ lines: z.array(z.object({ ...line, batch: z.string().optional() })).min(1) }),
    ],
    ['an optional object with required fields', order.extend({ carrier: z.object({ name: z.string() }).optional() })],
    ['a description', order.extend({ number: z.string().max(20).describe('without gaps per year') })],
    ['a definition that a field moves to', order.extend({ code: Code.meta({ id: 'Code' }) })],
    ['the order of fields', z.object(Object.fromEntries(Object.entries(published).toReversed()))],
    ['the order of an enum', order.extend({ kind: z.enum(['shop', 'online', 'direct']) })],
  ])('may change: %s', (_, proposed) => {
    expect(incompatibilities(schema(order), schema(proposed))).toEqual([]);
  });

  it.each<[string, z.ZodType, string]>([
    [
      'a required field is added',
      order.extend({ channel: z.string() }),
      'channel: added as required; only optional fields are added',
    ],
    ['a field is removed', order.omit({ note: true }), 'note: removed or renamed'],
    [
      'a field is renamed',
      order.omit({ note: true }).extend({ remark: z.string().optional() }),
      'note: removed or renamed',
    ],
    [
      'an enum narrows',
      order.extend({ kind: z.enum(['direct', 'online']) }),
      'kind: no longer allows "shop", which stands in events already published',
    ],
    [
      'an enum widens',
      order.extend({ kind: z.enum([...Kind.options, 'telephone']) }),
      'kind: allows "telephone", which consumers of this version refuse',
    ],
    ['a type changes', order.extend({ number: z.int() }), 'number: type changed from "string" to "integer"'],
    ['an optional field becomes required', order.extend({ note: z.string() }), 'note: was optional, is required'],
    ['a required field becomes optional', order.extend({ code: Code.optional() }), 'code: was required, is optional'],
    [
      'a pattern is tightened',
      order.extend({ code: z.string().regex(/^[A-Z]{1,4}$/) }),
      'code: pattern changed from "^[A-Z]{1,8}$" to "^[A-Z]{1,4}$"',
    ],
    [
      'a pattern is dropped',
      order.extend({ code: z.string() }),
      'code: pattern changed from "^[A-Z]{1,8}$" to nothing',
    ],
    ['a length is limited', order.extend({ number: z.string().max(10) }), 'number: maxLength changed from 20 to 10'],
    [
      'a list loses its least length',
      order.extend({ lines: z.array(z.object(line)) }),
      'lines: minItems changed from 1 to nothing',
    ],
    [
      'a field of the objects of a list changes',
      order.extend({ lines: z.array(z.object({ ...line, quantity: z.int() })).min(1) }),
      'lines[].quantity: type changed from "string" to "integer"',
    ],
    ['an object is closed', z.strictObject(published), 'the event: additionalProperties changed from nothing to false'],
  ])('is refused when %s', (_, proposed, why) => {
    expect(incompatibilities(schema(order), schema(proposed))).toContain(why);
  });

  it('is refused when a field of a shared definition changes', () => {
    const Before = z.object({ rule: z.string() }).meta({ id: 'Before' });
    const After = z.object({ rule: z.boolean() }).meta({ id: 'After' });
    const why = 'meta.rule: type changed from "string" to "boolean"';
    expect(incompatibilities(schema(z.object({ meta: Before })), schema(z.object({ meta: After })))).toEqual([why]);
  });

  it('is refused when one of several fields stops sharing a definition that fits it', () => {
    const shared = {
      $defs: { Id: { type: 'string' } },
      properties: { a: { $ref: '#/$defs/Id' }, b: { $ref: '#/$defs/Id' } },
    };
    const apart = { properties: { a: { type: 'string' }, b: { type: 'integer' } } };
    expect(incompatibilities(shared, apart)).toEqual(['b: type changed from "string" to "integer"']);
  });

  it('is refused for an optional field of an object that is closed', () => {
    const closed = z.strictObject(published);
    const why = 'channel: added to an object that is closed';
    expect(incompatibilities(schema(closed), schema(closed.extend({ channel: z.string().optional() })))).toEqual([why]);
  });

  it('follows a schema that refers to itself', () => {
    const tree = (name: object) => ({
      $ref: '#/$defs/Node',
      $defs: { Node: { properties: { name, child: { $ref: '#/$defs/Node' } } } },
    });
    expect(incompatibilities(tree({ type: 'string' }), tree({ type: 'integer' }))).toEqual([
      'name: type changed from "string" to "integer"',
    ]);
  });
});
