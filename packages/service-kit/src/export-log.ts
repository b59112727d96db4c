import { createHash } from 'node:crypto';
import { exportEvents } from '@fenxiao/contracts/platform';
import { hasTopic } from '@fenxiao/contracts/topics';
import { newId } from '@fenxiao/domain/id';
import type { Actor } from './actor.js';
import type { Transactions, Work } from './work.js';

/** What is about to leave as a file. */
interface Leaving {
  readonly procedure: string;
  readonly format: string;
  readonly filters: Readonly<Record<string, string>>;
  readonly reason: string;
  /** by which role it is taken */
  readonly role: string;
  /** clause that lets it */
  readonly rule: string;
}

/** A piece of a file, and how many subjects are in it. */
export interface Part {
  readonly text: string;
  readonly rows: number;
}

/**
 * X-20 Confidentiality 商业机密: whatever leaves as a file is written down in `export_log`, audit and event: who takes it and
 * why before its first byte, how it ended after its last.
 */
export class ExportLog {
  constructor(
    private readonly transactions: Transactions,
    private readonly service: string,
  ) {}

  /** Within the unit of work that allows it. @returns the export's id */
  async begin(work: Work, { procedure, format, filters, reason, role, rule }: Leaving): Promise<string> {
    const id = newId();
    await work.query(
      `INSERT INTO export_log (id, person, procedure, format, reason, filters, began_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, work.actor.person, procedure, format, reason, JSON.stringify(filters), work.now],
    );
    work.record({
      procedure,
      subject: id,
      move: 'export',
      outcome: 'done',
      rule,
      role,
      reason,
      after: { format, filters },
    });
    if (hasTopic(this.service)) {
      const { exported } = exportEvents(this.service);
      work.publish(exported, { id, events: 0 }, { procedure, format, filters }, { rule, role, reason });
    }
    return id;
  }

  /** The text of the parts; however it ends, by the last one or by a client that has gone, the end is written down. */
  async *handOver(actor: Actor, procedure: string, id: string, parts: AsyncIterable<Part>): AsyncGenerator<string> {
    const digest = createHash('sha256');
    let [rows, complete] = [0, false];
    try {
      for await (const part of parts) {
        rows += part.rows;
        digest.update(part.text);
        yield part.text;
      }
      complete = true;
    } finally {
      await this.#ended(actor, procedure, id, { rows, complete, digest: digest.digest('hex') });
    }
  }

  async #ended(
    actor: Actor,
    procedure: string,
    id: string,
    end: { rows: number; complete: boolean; digest: string },
  ): Promise<void> {
    await this.transactions.run(actor, async (work) => {
      await work.query('UPDATE export_log SET ended_at = $2, rows = $3, complete = $4, digest = $5 WHERE id = $1', [
        id,
        work.now,
        end.rows,
        end.complete,
        end.digest,
      ]);
      const role = actor.positions[0]?.roles[0] ?? 'none';
      const done = { procedure, subject: id, move: 'export-ended', outcome: 'done', rule: 'X-20', role } as const;
      work.record({ ...done, after: end });
      if (!hasTopic(this.service)) return;
      const ended = exportEvents(this.service)['export-ended'];
      work.publish(ended, { id, events: 1 }, { procedure, ...end }, { rule: 'X-20', role });
    });
  }
}
