import type { EventContract } from '@fenxiao/contracts/event';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { z } from 'zod';

/** The published schema of an event's data, and how values are checked against one. */

export type JsonObject = Readonly<Record<string, unknown>>;
export const isObject = (node: unknown): node is JsonObject =>
  typeof node === 'object' && node !== null && !Array.isArray(node);

/** JSON Schema (2020-12) of the data as consumers read it: fields that a later producer adds pass. */
export const schemaOf = ({ type, data }: EventContract): JsonObject => {
  const { $schema, ...schema } = z.toJSONSchema(data, { io: 'input' });
  return { $schema, title: type, ...schema };
};

/** `orders/order.confirmed.v1`: where schema and sample of an event stand, without folder and extension. */
export const pathOf = ({ service, aggregate, fact, version }: EventContract) =>
  `${service}/${aggregate}.${fact}.v${version}`;

const ajv = new Ajv2020({ allErrors: true, strict: true, keywords: ['x-ref', 'x-class', 'x-personal'] });
ajvFormats.default(ajv);
ajv.addFormat('decimal', true); // its pattern says it all

/** @returns what is wrong with a value, a line for each fault; empty when it fits. @throws Error for an unknown keyword */
export function faults(schema: JsonObject, value: unknown): string[] {
  const fits = ajv.compile(schema);
  return fits(value) ? [] : (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
}
