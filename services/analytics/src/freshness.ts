import type { ClickHouseClient } from '@clickhouse/client';
import type { Sink } from './sink.js';
import { rows } from './store.js';

export interface TopicFreshness {
  readonly topic: string;
  /** time of the latest event in the store */
  readonly lastEventAt: string | null;
  /** when something was last inserted */
  readonly lastInsertAt: string | null;
  /** records in the log and not yet in the store */
  readonly behind: number;
}

/** How long an answer is used again, in milliseconds: many panels ask at once. */
const FRESH_MS = 1000;

/** How far the store is behind the log. */
export class Freshness {
  #known: { at: number; topics: Promise<TopicFreshness[]> } | undefined;

  constructor(
    private readonly client: ClickHouseClient,
    private readonly sink: Sink,
    private readonly now: () => Date,
  ) {}

  topics(): Promise<TopicFreshness[]> {
    const known = this.#known;
    if (known && performance.now() - known.at < FRESH_MS) return known.topics;
    const topics = this.#look();
    this.#known = { at: performance.now(), topics };
    topics.catch(() => (this.#known = undefined));
    return topics;
  }

  /** The figures hold everything that happened until then: now, or the last event of the topic that is farthest behind. */
  async asOf(): Promise<Date> {
    const waiting = (await this.topics()).filter(({ behind }) => behind > 0);
    const oldest = waiting.map(({ lastEventAt }) => (lastEventAt === null ? 0 : Date.parse(lastEventAt)));
    return oldest.length === 0 ? this.now() : new Date(Math.min(...oldest));
  }

  async #look(): Promise<TopicFreshness[]> {
    const [stored, behind] = await Promise.all([
      rows<{ topic: string; event: string; insert: string }>(
        this.client,
        `SELECT topic, toUnixTimestamp64Milli(last_event_at) AS event, toUnixTimestamp64Milli(last_insert_at) AS insert FROM freshness`,
      ),
      this.sink.behind(),
    ]);
    const byTopic = new Map(stored.map((row) => [row.topic, row]));
    const time = (ms: string | undefined) => (ms === undefined ? null : new Date(Number(ms)).toISOString());
    return [...Map.groupBy(behind, ({ topic }) => topic)].map(([topic, parts]) => ({
      topic,
      lastEventAt: time(byTopic.get(topic)?.event),
      lastInsertAt: time(byTopic.get(topic)?.insert),
      behind: parts.reduce((sum, part) => sum + part.behind, 0),
    }));
  }
}
