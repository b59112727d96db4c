import { setTimeout as delay } from 'node:timers/promises';
import { Refused, type Api } from './api.js';
import type { Share } from './day-market.js';
import { calendar } from './season.js';

/** Something under way, and where it is: `orders/orders/<id>`. */
export interface Subject {
  readonly id: string;
  readonly path: string;
  readonly state: string;
  readonly number: string;
}
type Told = (story: Story) => Promise<void>;
export type Stories = Readonly<Record<string, Told>>;

const patience = 30_000;
const stuck: ReadonlySet<string> = new Set(['on-hold', 'confirmed', 'backordered']);

/** When a job was due last, from when it is due next. */
const lastDue = {
  daily: (next: string) => calendar.addDays(next, -1),
  'on working days': (next: string) => calendar.previousWorkingDay(next),
  'on the 25th': (next: string) => calendar.workingDayOnOrBefore(calendar.addMonths(`${next.slice(0, 8)}25`, -1)),
};

/** A story of the day: who makes which move. Its requests have keys of their own, so that a second run repeats them. */
export class Story {
  #step = 0;

  constructor(
    private readonly api: Api,
    private readonly name: string,
    /** what its theme has to itself */
    readonly has: Share,
  ) {}

  get today(): string {
    return this.has.market.today;
  }

  /** As this person, begin something. @throws Refused */
  async make<T>(who: string, path: string, form: object): Promise<Subject & T> {
    const made = await this.api.ask<Subject & T>(who, path, form, this.#key());
    return { ...made, path: `${path}/${made.id}` };
  }

  /** As this person, make this move. @throws Refused */
  async move<T>(who: string, { path }: Pick<Subject, 'path'>, move: string, form: object = {}): Promise<Subject & T> {
    return { ...(await this.api.ask<Subject & T>(who, `${path}/${move}`, form, this.#key())), path };
  }

  /** As this person, write something anew, or sign it, as it was when it was read. */
  async edit<T>(who: string, { path }: Pick<Subject, 'path'>, form: object, move = 'edit'): Promise<Subject & T> {
    const { version } = await this.api.ask<{ version: number }>(who, path);
    return { ...(await this.api.ask<Subject & T>(who, `${path}/${move}`, form, this.#key(), version)), path };
  }

  /** The moves of one person after another; the last answer. */
  async moves(subject: Subject, ...moves: readonly [who: string, move: string, form?: object][]): Promise<Subject> {
    let last = subject;
    for (const [who, move, form] of moves) last = await this.move(who, subject, move, form);
    return last;
  }

  /** A rule forbids this one. @throws when it does not, or another does */
  async refuse(code: string, who: string, subject: Subject, move: string, form: object = {}): Promise<void> {
    const answer = await this.move(who, subject, move, form).catch((error: unknown) => error);
    if (answer instanceof Refused && answer.code === code) return;
    throw answer instanceof Error
      ? answer
      : new Refused('not-refused', `${who} ${subject.path}/${move} was not refused`);
  }

  async list<T>(who: string, path: string): Promise<(Subject & T)[]> {
    const items = await this.api.list<Subject & T>(who, path);
    return items.map((item) => ({ ...item, path: `${path.split('?')[0]}/${item.id}` }));
  }

  async read<T>(who: string, { path }: Pick<Subject, 'path'>): Promise<Subject & T> {
    return { ...(await this.api.ask<Subject & T>(who, path)), path };
  }

  /** What follows by events takes a moment. @throws Refused when it does not follow */
  async until<T>(who: string, subject: Subject, done: (now: Subject & T) => boolean): Promise<Subject & T> {
    const begin = Date.now();
    for (;;) {
      const now = await this.read<T>(who, subject);
      if (done(now)) return now;
      if (Date.now() - begin > patience) throw new Refused('too-late', `${subject.path} stays ${now.state}`);
      await delay(100);
    }
  }

  /** What held an order, or what it lacked, is there: it may be shipped. */
  goesOn(sold: Subject): Promise<Subject> {
    return this.until('order-clerk', sold, ({ state }) => !stuck.has(state));
  }

  /** What there is to find of something just done, as soon as it is there. */
  async find<T>(who: string, path: string): Promise<Subject & T> {
    const begin = Date.now();
    for (;;) {
      const [found] = await this.list<T>(who, path);
      if (found) return found;
      if (Date.now() - begin > patience) throw new Refused('too-late', `${path}: nothing came`);
      await delay(100);
    }
  }

  /**
   * A job that was due before there was a stack to run it, run by whoever looks after it.
   * @param daysBefore its last date
   * @returns for which date
   */
  async runJob(name: string, due: keyof typeof lastDue, reason: string, daysBefore = 0): Promise<string> {
    const jobs = await this.api.ask<{ name: string; next: { date: string } }[]>('system-administrator', 'orders/jobs');
    const last = lastDue[due](jobs.find((job) => job.name === name)!.next.date);
    const date = calendar.addDays(last, -daysBefore);
    await this.api.ask('system-administrator', `orders/jobs/${name}/run`, { date, reason }, `${name}-${date}`);
    return date;
  }

  #key(): string {
    return `${this.name}-${this.#step++}`;
  }
}

/**
 * Tells stories one after another.
 * @returns what went wrong, a line each: a rule that was not thought of, or customers that a small demonstration lacks, end
 * their story only
 */
export async function tell(api: Api, has: Share, stories: Stories): Promise<string[]> {
  const ended: string[] = [];
  for (const [name, told] of Object.entries(stories))
    try {
      await told(new Story(api, name, has));
    } catch (error) {
      ended.push(`${name} ended early: ${error instanceof Error ? error.message : String(error)}`);
    }
  return ended;
}
