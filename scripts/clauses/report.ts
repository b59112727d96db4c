/** What the tests have shown of the clauses of the regulations. */

/** An entry of docs/clauses.json. */
export interface Clause {
  readonly id: string;
  readonly service: string;
  readonly en: string;
  readonly zh: string;
}

export const aspects = ['allowed', 'refused', 'boundary'] as const;
export type Aspect = (typeof aspects)[number];

/** One test that passed, as `clause` of the testing package records it. */
export interface Passed {
  readonly id: string;
  readonly aspect: Aspect;
  readonly behaviour: string;
}

/** How many tests passed for each aspect of a clause. */
export type Counts = Readonly<Record<Aspect, number>>;

/** The tests that passed, from the record of a run: JSON, one a line. A test that ran twice counts once. */
export function passedTests(record: string): Passed[] {
  const lines = new Set(record.split('\n').filter(Boolean));
  return [...lines].map((line) => JSON.parse(line) as Passed);
}

export const countsOf = (id: string, passed: readonly Passed[]): Counts => {
  const own = passed.filter((test) => test.id === id);
  const count = (aspect: Aspect) => own.filter((test) => test.aspect === aspect).length;
  return { allowed: count('allowed'), refused: count('refused'), boundary: count('boundary') };
};

/** Ids that tests cite and the catalogue does not have: a slip of the pen would otherwise pass as tested. */
export const strangers = (catalogue: readonly Clause[], passed: readonly Passed[]): string[] => {
  const known = new Set(catalogue.map(({ id }) => id));
  return [...new Set(passed.map(({ id }) => id))].filter((id) => !known.has(id)).toSorted();
};

/** What required clauses still lack, such as `O-11: no test that is refused`. */
export function lacking(
  required: readonly string[],
  catalogue: readonly Clause[],
  passed: readonly Passed[],
): string[] {
  return required.flatMap((id) => {
    if (!catalogue.some((clause) => clause.id === id)) return [`${id}: no such clause`];
    const counts = countsOf(id, passed);
    const missing = aspects.filter((aspect) => counts[aspect] === 0);
    return missing.length === 0 ? [] : [`${id}: no test that passed for ${missing.join(', ')}`];
  });
}

/** Every clause with its counts, by service, and a total for each service. */
export function table(catalogue: readonly Clause[], passed: readonly Passed[]): string {
  const services = [...new Set(catalogue.map(({ service }) => service))];
  const width = Math.max(36, ...catalogue.map(({ en }) => en.length)); // 36 holds the totals
  const row = (id: string, en: string, counts: readonly (number | string)[], zh: string) =>
    `${id.padEnd(6)}${en.padEnd(width)}${counts.map((count) => String(count || '·').padStart(10)).join('')}  ${zh}`;
  const parts = services.map((service) => {
    const clauses = catalogue.filter((clause) => clause.service === service);
    const all = clauses.map((clause) => ({ clause, counts: countsOf(clause.id, passed) }));
    const whole = all.filter(({ counts }) => aspects.every((aspect) => counts[aspect] > 0)).length;
    const begun = all.filter(({ counts }) => aspects.some((aspect) => counts[aspect] > 0)).length;
    const sums = aspects.map((aspect) => all.reduce((sum, { counts }) => sum + counts[aspect], 0));
    return [
      row('', service.toUpperCase(), aspects, ''),
      ...all.map(({ clause: { id, en, zh }, counts }) =>
        row(
          id,
          en,
          aspects.map((aspect) => counts[aspect]),
          zh,
        ),
      ),
      row('', `${whole} of ${clauses.length} with all three, ${begun - whole} in part`, sums, ''),
    ]
      .map((line) => line.trimEnd())
      .join('\n');
  });
  return parts.join('\n\n');
}
