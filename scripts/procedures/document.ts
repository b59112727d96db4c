import { readFileSync } from 'node:fs';
import { roles } from '@fenxiao/contracts/roles';
import { label, type Label } from '@fenxiao/domain/dictionary';
import type { Limit } from '@fenxiao/domain/business-calendar';
import { describe, missingTerms, type Description } from '@fenxiao/procedures/describe';
import { kebab, type Clock, type Move, type Powers, type Procedure } from '@fenxiao/procedures/procedure';
import prettier from 'prettier';
import type { Clause } from '../clauses/report.js';
import { root, type ServiceProcedures } from '../declarations.js';

/** docs/procedures.md: every procedure as its declaration says it, for people who read no code. */
export const path = new URL('docs/procedures.md', root);

/** Terms of every procedure that the dictionary lacks, such as `guarantee: calledOn`. */
export const termsMissing = (all: readonly ServiceProcedures[]): string[] =>
  all.flatMap(({ procedures }) => procedures.flatMap((p) => missingTerms(p).map((term) => `${p.name}: ${term}`)));

/** The whole document, as prettier formats it. @throws Error when a term is missing in the dictionary */
export async function document(all: readonly ServiceProcedures[]): Promise<string> {
  const titles = new Map(catalogue().map((clause) => [clause.id, clause]));
  const parts = all.flatMap(({ service, procedures }) => [
    `## ${service}`,
    ...procedures.map((procedure) => section(procedure, titles)),
  ]);
  const text = [introduction, contents(all), ...parts].join('\n\n');
  return prettier.format(text, { ...(await prettier.resolveConfig(path)), parser: 'markdown' });
}

const introduction = `# Procedures 流程

<!-- Written by \`npm run procedures\` from the declarations in services/*/src; change those instead. -->

Who may do what, in which state, within which time. In brackets after a role stands how far its power reaches: what
somebody made or owns (own), their region and those below it (region), their unit (unit), everything (all). \`system\` is
a clock, an event, or what follows from another move.`;

const contents = (all: readonly ServiceProcedures[]) =>
  all
    .map(({ service, procedures }) => {
      const links = procedures.map(
        ({ name }) => `[${heading(label(name, name))}](#${anchor(heading(label(name, name)))})`,
      );
      return `- **${service}**: ${links.join(', ')}`;
    })
    .join('\n');

const heading = ({ en, zh }: Label) => `${en} ${zh}`;
/** As GitHub makes it: lower case, punctuation dropped, hyphens for spaces. */
const anchor = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

function section(procedure: Procedure, titles: ReadonlyMap<string, Clause>): string {
  const description = describe(procedure, 'en');
  const { name, clause, states, read, diagram } = description;
  const title = titles.get(clause);
  const steps = approvalSteps(procedure);
  return [
    `### ${heading(description.label)}`,
    `\`${name}\`, clause ${clause}${title ? ` ${title.en} ${title.zh}` : ''}. Seen by ${powers(read)}.`,
    `States: ${states.map((state) => `\`${state.name}\` ${heading(state.label)}`).join(', ')}.`,
    `\`\`\`mermaid\n${diagram}\n\`\`\``,
    moves(procedure, description),
    ...(steps ? [steps] : []),
  ].join('\n\n');
}

function moves(procedure: Procedure, { start, moves: described }: Description): string {
  const clocks = Object.entries(procedure.moves as Record<string, Move>).map(
    ([name, { clock }]) => [kebab(name), clock] as const,
  );
  const clockOf = new Map(clocks);
  const rows = [start, ...described].map((move) => [
    `\`${move.name}\` ${heading(move.label)}`,
    move.from.join(', ') || '—',
    move.to.join(', '),
    powers(move.by) + (move.reason ? '; a reason is asked for' : ''),
    clock(clockOf.get(move.name)),
    `\`${move.event.split('.').slice(2, 4).join('.')}\``,
    move.clause,
  ]);
  return tableOf(['Move', 'From', 'To', 'Who may', 'Clock', 'Event', 'Clause'], rows);
}

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
const cell = (text: string) => text.replaceAll('|', '\\|');

/** `finance, sales-manager (all); regional-manager (region)`. */
function powers(held: Powers): string {
  const byScope = Object.groupBy(Object.entries(held), ([, scope]) => scope);
  const groups = Object.entries(byScope).map(
    ([scope, entries]) => `${named(entries.map(([role]) => role))} (${scope})`,
  );
  return groups.join('; ') || 'nobody';
}

/** Role by role, or all but a few. */
function named(held: readonly string[]): string {
  const others = roles.filter((role) => !held.includes(role));
  if (others.length > 3) return held.join(', ');
  return others.length === 0 ? 'everybody' : `everybody but ${others.join(', ')}`;
}

function clock(running: Clock | undefined): string {
  if (!running) return '';
  const { within, escalateTo, remindDaysBefore, breach } = running;
  return [
    typeof within === 'function' ? 'until a date the subject sets' : `within ${limit(within)}`,
    ...(remindDaysBefore ? [`reminders ${remindDaysBefore.join(', ')} days before`] : []),
    ...(escalateTo ? [`then to ${escalateTo}`] : []),
    ...(breach ? [`then the system makes \`${kebab(breach)}\``] : []),
  ].join(', ');
}

function limit(within: Limit): string {
  const unit = 'working' in within ? `working ${within.working}` : `calendar ${within.calendar}`;
  return `${within.count} ${within.count === 1 ? unit.replace(/s$/, '') : unit}`;
}

/** Who signs, in which order, where a move is a decision on steps. */
function approvalSteps(procedure: Procedure): string | undefined {
  const decision = Object.values(procedure.moves as Record<string, Move>).find(
    (move) => move.decides?.outcome === 'approved',
  );
  const steps = decision?.decides?.steps.map((step) => {
    const slots = typeof step.slots === 'function' ? undefined : step.slots;
    const who = slots
      ? slots.map((slot) => Object.keys(slot).join(' or ')).join(' and ')
      : `as the subject asks, among ${Object.keys('among' in step ? step.among : {}).join(', ')}`;
    return `${step.name} (${step.need ? `${step.need} of ` : ''}${who})`;
  });
  return steps && `Approval: ${steps.join(', then ')}.`;
}

const catalogue = () => JSON.parse(readFileSync(new URL('docs/clauses.json', root), 'utf8')) as Clause[];
