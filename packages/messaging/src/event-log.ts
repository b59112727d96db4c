/**
 * The event log as consumers see it, whoever keeps it: PostgreSQL on one machine, Kafka elsewhere. Topics have a fixed
 * number of partitions; offsets are dense from 1 and permanent, so a consumer that keeps a mark per partition drops
 * what it has and notices what is missing.
 */
export interface EventLog {
  /** Delivers the group's share of the partitions until closed. Members of one group share the work. */
  subscribe(subscription: Subscription): Promise<Running>;
  /** Next offset of every partition of the topics, and the oldest still kept: for lag and for retention. */
  ends(topics: readonly string[]): Promise<readonly PartitionEnd[]>;
  close(): Promise<void>;
}

export interface LogRecord {
  readonly topic: string;
  readonly part: number;
  readonly off: bigint;
  readonly key: string;
  /** CloudEvents attributes, JSON */
  readonly headers: string;
  /** the event's data, JSON */
  readonly value: string;
}

export interface Subscription {
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * The last offset this consumer has applied durably (0: none). Asked whenever a partition is taken over. Rejects, and does
   * not wait, when it can't be had now: it is asked again.
   */
  readonly mark: (topic: string, part: number) => Promise<bigint>;
  /**
   * Waited for before records are read: a consumer that works in turns takes what is there when its turn comes. Resolves
   * when the consumer closes, too.
   */
  readonly ready?: () => Promise<void>;
  /**
   * Applies records of one partition, in order, none missing between them. May be called again with records already
   * applied. Resolves when they are durable; rejects when they are to be delivered again later.
   */
  readonly apply: (records: readonly LogRecord[]) => Promise<void>;
  /** most records per call; default 500 */
  readonly batch?: number;
  /** Told of trouble that is being retried, and of what stops a partition for good. */
  readonly onTrouble?: (trouble: Trouble) => void;
}

export interface Trouble {
  readonly topic: string;
  readonly part: number;
  readonly error: unknown;
  /** true: this partition is stopped until someone looks (a hole, or retention has passed the mark) */
  readonly stopped: boolean;
}

export interface Running {
  /** Finishes the batch in hand, gives up its partitions, resolves when nothing runs any more. */
  close(): Promise<void>;
}

export interface PartitionEnd {
  readonly topic: string;
  readonly part: number;
  readonly first: bigint;
  readonly next: bigint;
}

/** A partition whose records do not follow on the mark. Loss never passes unseen: the consumer stops here. */
export class HoleInLog extends Error {
  constructor(
    readonly topic: string,
    readonly part: number,
    readonly expected: bigint,
    readonly found: bigint,
  ) {
    super(`hole in ${topic}/${part}: expected offset ${expected}, found ${found}`);
  }
}

/** The log no longer keeps what the consumer needs next: it needs a snapshot, or a refill from the raw events. */
export class BeyondRetention extends Error {
  constructor(topic: string, part: number, needed: bigint, first: bigint) {
    super(`${topic}/${part} is kept from offset ${first}, offset ${needed} is needed: start from a snapshot`);
  }
}
