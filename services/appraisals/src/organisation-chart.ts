/** P-49: what a set of versions of departments says of a day. Pure. */

/** A version of a department, as far as the tree needs it. Of two for one day the one with the higher id counts. */
export interface Version {
  readonly id: string;
  readonly code: string;
  readonly parentCode?: string | null | undefined;
  /** first day, `YYYY-MM-DD` */
  readonly validFrom: string;
}

/** The version of each department in force on a day, by its code. */
export function chartOn<V extends Version>(versions: readonly V[], date: string): Map<string, V> {
  const begun = versions.filter(({ validFrom }) => validFrom <= date);
  const order = (v: Version) => `${v.validFrom} ${v.id}`;
  return new Map(begun.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)).map((version) => [version.code, version]));
}

/** The days on which the tree is another than the day before, from a day on. */
const daysFrom = (versions: readonly Version[], from: string) =>
  [...new Set([from, ...versions.map(({ validFrom }) => validFrom).filter((date) => date > from)])].sort();

/** The first day from `from` on that a department's parent does not exist, if there is one. */
export function orphanIn(versions: readonly Version[], from: string) {
  for (const date of daysFrom(versions, from)) {
    const chart = chartOn(versions, date);
    for (const { code, parentCode } of chart.values())
      if (parentCode && !chart.has(parentCode)) return { date, code, parent: parentCode };
  }
  return undefined;
}

/** The first day from `from` on that a department would lie below itself, if there is one. */
export function circleIn(versions: readonly Version[], from: string) {
  for (const date of daysFrom(versions, from)) {
    const chart = chartOn(versions, date);
    for (const { code } of chart.values()) {
      const passed = new Set<string>();
      for (let at: string | null | undefined = code; at && !passed.has(at); at = chart.get(at)?.parentCode) {
        passed.add(at);
        if (chart.get(at)?.parentCode === code) return { date, code };
      }
    }
  }
  return undefined;
}
