import { isTerm, label, type Label, type Language } from '@fenxiao/domain/dictionary';
import { z } from 'zod';
import type { ApprovalStep } from './approval.js';
import { classesOf } from './classes.js';
import type { DataClass } from '@fenxiao/contracts/wire';
import { exportersOf } from './powers.js';
import { kebab, type Clock, type Move, type Powers, type Procedure, type Start } from './procedure.js';

/** A procedure as data: complete enough that a screen can be drawn from it alone. */
export interface Description {
  readonly name: string;
  readonly path: string;
  readonly clause: string;
  readonly label: Label;
  readonly states: readonly { name: string; label: Label }[];
  readonly read: Powers;
  /** how far what it keeps may go; each field of a form says its own (`x-class`) */
  readonly class: DataClass;
  readonly reveal: Powers;
  readonly export: Powers;
  readonly start: MoveDescription;
  readonly moves: readonly MoveDescription[];
  readonly diagram: string;
}
interface MoveDescription {
  readonly name: string;
  readonly label: Label;
  readonly clause: string;
  readonly method: 'POST';
  readonly path: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly by: Powers;
  readonly event: string;
  readonly reason: boolean;
  readonly needsIfMatch: boolean;
  /** nobody makes it on what they made themselves */
  readonly notMaker: boolean;
  /** a decision of an approval, and the steps it goes through: who signs, and how many of them suffice */
  readonly decision?: {
    outcome: string;
    steps: readonly { name: string; signatures: readonly Powers[]; need: number }[];
  };
  readonly clock?: {
    within?: Clock['within'];
    clause: string;
    remindDaysBefore?: readonly number[];
    escalateTo?: string;
    breach?: string;
  };
  /** JSON Schema (2020-12) of the body, labels in `title` (asked language) and `x-label` (both) */
  readonly form?: unknown;
}

/** @throws Error when a state, move, role or field has no entry in the dictionary */
export function describe(p: Procedure, language: Language): Description {
  const describeMove = (name: string, path: string, from: readonly string[], move: Move | Start): MoveDescription => ({
    name: kebab(name),
    label: label(kebab(name), p.name),
    clause: move.clause ?? p.clause,
    method: 'POST',
    path,
    from,
    to: [move.to ?? from].flat(),
    by: labelled(move.by),
    event: (p.events as Record<string, { type: string }>)[move.fact]!.type,
    reason: 'reason' in move,
    needsIfMatch: 'edits' in move,
    notMaker: 'notMaker' in move,
    ...('decides' in move && move.decides ? { decision: decisionOf(move.decides) } : {}),
    ...('clock' in move && move.clock ? { clock: clockOf(move.clock, p.clause) } : {}),
    ...(move.form ? { form: jsonSchema(move.form, language, p.name) } : {}),
  });
  return {
    name: p.name,
    path: `/${p.path}`,
    clause: p.clause,
    label: label(p.name, p.name),
    read: labelled(p.read),
    class: classesOf(p).class,
    reveal: labelled(p.reveal ?? {}),
    export: labelled(exportersOf(p)),
    states: p.states.map((name) => ({ name, label: label(name, p.name) })),
    start: describeMove(p.start.move, `/${p.path}`, [], p.start),
    moves: Object.entries(p.moves).map(([name, move]) =>
      describeMove(name, `/${p.path}/{id}/${kebab(name)}`, [move.from].flat(), move),
    ),
    diagram: mermaid(p),
  };
}

/** Where the signers depend on the subject, everyone it may be is named. */
const decisionOf = ({ outcome, steps }: NonNullable<Move['decides']>) => ({
  outcome,
  steps: (steps as readonly ApprovalStep[]).map((step) => {
    const signatures = 'among' in step ? [step.among] : step.slots;
    return { name: step.name, signatures, need: step.need ?? signatures.length };
  }),
});

const clockOf = ({ within, clause, remindDaysBefore, escalateTo, breach }: Clock, own: string) => ({
  ...(typeof within === 'function' ? {} : { within }),
  clause: clause ?? own,
  ...(remindDaysBefore ? { remindDaysBefore } : {}),
  ...(escalateTo ? { escalateTo } : {}),
  ...(breach ? { breach: kebab(breach) } : {}),
});

function labelled(powers: Powers): Powers {
  for (const role of Object.keys(powers)) label(role);
  return powers;
}

/** JSON Schema of a form with the dictionary's labels on every field. */
export const jsonSchema = (form: z.ZodType, language: Language, aggregate?: string): unknown =>
  withLabels(z.toJSONSchema(form, { io: 'input' }), language, aggregate);

/** One schema may serve several fields, so the labels are put on copies. */
function withLabels(node: unknown, language: Language, aggregate: string | undefined): unknown {
  if (Array.isArray(node)) return node.map((item) => withLabels(item, language, aggregate));
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, withLabels(value, language, aggregate)]),
  );
  const values = Array.isArray(copy['enum']) ? (copy['enum'] as unknown[]).filter(isNamed) : [];
  if (values.length > 0)
    copy['x-enum-labels'] = Object.fromEntries(values.map((value) => [value, label(value, aggregate)]));
  if (!('properties' in copy)) return copy;
  const fields = Object.entries(copy['properties'] as Record<string, object>).map(([field, schema]) => {
    const both = label(field, aggregate);
    return [field, { ...schema, title: both[language], 'x-label': both }];
  });
  return { ...copy, properties: Object.fromEntries(fields) as unknown };
}

/** Values of an enumeration that have a name of their own; classes A, B, C speak for themselves. */
const isNamed = (value: unknown): value is string => typeof value === 'string' && value.length > 1;

/** State diagram in Mermaid. */
export function mermaid(p: Procedure): string {
  const line = (from: string, to: string, move: string, by: Powers) =>
    `  ${id(from)} --> ${id(to)}: ${kebab(move)} (${Object.keys(by).join(', ')})`;
  const lines = [p.start.to].flat().map((to) => line('[*]', to, p.start.move, p.start.by));
  for (const [name, move] of Object.entries(p.moves)) {
    for (const from of [move.from].flat())
      for (const to of [move.to ?? from].flat()) lines.push(line(from, to, name, move.by));
  }
  const ended = p.states.filter((state) => !Object.values(p.moves).some((move) => [move.from].flat().includes(state)));
  return ['stateDiagram-v2', ...lines, ...ended.map((state) => `  ${id(state)} --> [*]`)].join('\n');
}
const id = (state: string) => (state === '[*]' ? state : state.replaceAll('-', '_'));

/** Terms a procedure uses that the dictionary lacks: for the test that walks every procedure. */
export function missingTerms(p: Procedure): string[] {
  const moves = Object.values(p.moves);
  const forms = [p.start.form, ...moves.flatMap(({ form }) => form ?? [])];
  const words = [
    p.name,
    ...p.states,
    kebab(p.start.move),
    ...Object.keys(p.moves).map(kebab),
    ...[p.read, p.start.by, ...moves.map(({ by }) => by)].flatMap((powers) => Object.keys(powers)),
    ...forms.flatMap((form) => wordsOf(z.toJSONSchema(form, { io: 'input' }))),
  ];
  const { title, fields = [], columns = {}, copies = [] } = p.page ?? {};
  const printed = [...fields, ...Object.entries(columns).flat(2)].filter((word) => !isTerm(word, p.name));
  const headings = [title ?? [], copies].flat().filter((word) => !isTerm(word, 'page'));
  return [...new Set([...words.filter((word) => !isTerm(word, p.name)), ...printed, ...headings])];
}
function wordsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const fields = 'properties' in node ? Object.keys(node.properties as object) : [];
  const values = 'enum' in node && Array.isArray(node.enum) ? node.enum.filter(isNamed) : [];
  return [...fields, ...values, ...Object.values(node).flatMap(wordsOf)];
}
