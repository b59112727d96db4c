import type { PersonalKind } from '@fenxiao/contracts/wire';
import { classesOf } from '@fenxiao/procedures/classes';
import type { Procedure, Subject } from '@fenxiao/procedures/procedure';
import { heldBy, type Actor } from './actor.js';

/** X-20 Confidentiality 客户隐私: fields that tell of a person are whole for who deals with that person, masked for other readers. */

/** What a reader gets of a subject: masked, unless the reader made it, owns it, or holds a power of `reveal`. */
export function disclosed<V>(p: Procedure, view: V, subject: Subject, actor: Actor): V {
  const { personal } = classesOf(p);
  const own = subject.createdBy === actor.person || subject.owner === actor.person;
  if (personal.size === 0 || own || heldBy(actor, { by: p.reveal ?? {} }, subject)) return view;
  return replaced(view, personal, (kind, text) => (text === erasedText ? text : mask(kind, text)));
}

/** What the event log and the audit keep of it: that the field is there, and no more; nothing there can be erased. */
export function redacted<V>(p: Procedure, value: V): V {
  const { personal } = classesOf(p);
  return personal.size === 0 ? value : replaced(value, personal, () => '***');
}

/** What stands for a field whose key is destroyed. */
export const erasedText = '〔已删除 erased〕';

/** The same value with every personal text replaced, at any depth. */
export function replaced<V>(
  value: V,
  personal: ReadonlyMap<string, PersonalKind>,
  by: (kind: PersonalKind, text: string, field: string) => string,
): V {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null || Object.getPrototypeOf(node) !== Object.prototype) return node;
    const fields = Object.entries(node).map(([name, held]) => {
      const kind = personal.get(name);
      return [name, kind && typeof held === 'string' ? by(kind, held, name) : walk(held)];
    });
    return Object.fromEntries(fields) as unknown;
  };
  return walk(value) as V;
}

/** `13800001234` → `138****1234`; what is too short to show a part shows none. */
export function mask(kind: PersonalKind, text: string): string {
  const letters = [...text];
  const shown = (first: number, last: number, least: number) =>
    letters.length < least
      ? '****'
      : `${letters.slice(0, first).join('')}****${letters.slice(letters.length - last).join('')}`;
  switch (kind) {
    case 'telephone':
      return shown(3, 4, 11);
    case 'bank-account':
      return shown(0, 4, 12);
    case 'id-number':
      return shown(1, 1, 9);
    case 'person-name':
      return shown(1, 0, 2);
    case 'address':
      return shown(6, 0, 10);
  }
}
