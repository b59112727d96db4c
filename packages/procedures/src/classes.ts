import { DataClass, type PersonalKind } from '@fenxiao/contracts/wire';
import { z } from 'zod';
import type { Procedure } from './procedure.js';

/** X-20 Confidentiality 商业机密, 客户隐私: how far what a procedure keeps may go, and which of its fields tell of a person. */

interface Classified {
  /** the strictest class of its fields, or its own where that is stricter */
  readonly class: DataClass;
  /** fields that tell of a person, by name at any depth */
  readonly personal: ReadonlyMap<string, PersonalKind>;
}

const known = new WeakMap<Procedure, Classified>();

/** What the metadata of a procedure's forms say (`x-class`, `x-personal` in packages/contracts/src/wire.ts). */
export function classesOf(p: Procedure): Classified {
  const found = known.get(p) ?? classify(p);
  known.set(p, found);
  return found;
}

function classify(p: Procedure): Classified {
  const classes: DataClass[] = [p.class ?? 'internal'];
  const personal = new Map<string, PersonalKind>();
  const walk = (node: unknown, field?: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const marked = node as { 'x-class'?: DataClass; 'x-personal'?: PersonalKind };
    if (marked['x-class']) classes.push(marked['x-class']);
    if (marked['x-personal'] && field) personal.set(field, marked['x-personal']);
    for (const [key, value] of Object.entries(node))
      if (key === 'properties') for (const [name, schema] of Object.entries(value as object)) walk(schema, name);
      else walk(value, Array.isArray(node) || key === 'items' || key === 'anyOf' ? field : undefined);
  };
  for (const form of [p.start.form, ...Object.values(p.moves).flatMap(({ form }) => form ?? [])])
    walk(z.toJSONSchema(form, { io: 'input' }));
  const rank = (name: DataClass) => DataClass.options.indexOf(name);
  return { class: classes.reduce((strictest, name) => (rank(name) > rank(strictest) ? name : strictest)), personal };
}
