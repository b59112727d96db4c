import type { Move } from '@fenxiao/procedures/procedure';
import { Note } from '@fenxiao/contracts/wire';
import { z } from 'zod';

/** What comes from outside may hold the fields that are asked for and no others; events are read more generously. */

const closedOf = new WeakMap<z.ZodType, z.ZodType>();

/** The same schema, refusing at any depth a field it does not name. */
export function closed<S extends z.ZodType>(schema: S): S {
  const known = closedOf.get(schema) ?? close(schema);
  closedOf.set(schema, known);
  return known as S;
}

function close(schema: z.ZodType): z.ZodType {
  const inside = (part: unknown) => closed(part as z.ZodType);
  const changed = (parts: object) => schema.clone({ ...schema.def, ...parts }, { parent: true });
  if (schema instanceof z.ZodObject) {
    const shape = Object.fromEntries(Object.entries(schema.def.shape).map(([name, field]) => [name, inside(field)]));
    return changed({ shape, catchall: schema.def.catchall ?? z.never() });
  }
  if (schema instanceof z.ZodArray) return changed({ element: inside(schema.def.element) });
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return changed({ innerType: inside(schema.def.innerType) });
  if (schema instanceof z.ZodUnion) return changed({ options: schema.def.options.map(inside) });
  return schema;
}

const bodies = new WeakMap<Move, z.ZodObject>();

/** The body of a move: its form, and the reason, which may be given with every move. */
export function bodyOf(move: Move): z.ZodObject {
  const form = move.form ?? z.object({});
  const body = bodies.get(move) ?? form.safeExtend({ reason: move.reason ? Note : Note.optional() });
  bodies.set(move, body);
  return body;
}

/** One wrong field of what came in, as clients are told. */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

const mostErrors = 100;

/** The wrong fields, each unknown one by its own name; at most a hundred, none longer than a line. */
export const fieldErrors = ({ issues }: z.ZodError): FieldError[] =>
  issues
    .flatMap((issue) => {
      const { code } = issue;
      if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, code, message: issue.message }];
      return issue.keys
        .slice(0, mostErrors)
        .map((key) => ({ path: [...issue.path, key], code, message: 'no such field' }));
    })
    .slice(0, mostErrors)
    .map(({ path, code, message }) => ({ field: path.join('.').slice(0, 200), code, message: message.slice(0, 500) }));
