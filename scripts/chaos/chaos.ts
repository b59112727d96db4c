import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { Random } from '../../services/console/src/demo/random.js';
import { command } from '../stack/stack.js';
import { faultsWith, type Fault, type Poison } from './faults.js';
import { LedgerFile, Load } from './load.js';
import { Rig } from './rig.js';
import { differences } from './verify.js';

export interface Options {
  readonly seed: string;
  readonly cycles: number;
  /** how long stores are away, in milliseconds */
  readonly awayMs?: number;
  /** the data lie on the real disk, which is never full */
  readonly onDisk?: boolean;
  /** a Kafka keeps the log */
  readonly withKafka?: boolean;
  /** only faults whose name has this in it */
  readonly only?: string;
  readonly say: (line: string) => void;
}

const CLIENTS = 6;
/** How long everything may take to come to rest after a fault: seconds, but a busy machine is no failure. */
const HEAL_MS = 120_000;

/**
 * Works, breaks something, and looks whether everything acknowledged is where it must be, as often as told. The seed decides
 * what breaks, in which order and for how long.
 * @returns faults that could not be inflicted on this machine, with the reason
 * @throws with the seed, the cycle and what differs; the data folder stays then
 */
export async function chaos(options: Options): Promise<string[]> {
  const { seed, cycles, awayMs = 10_000, onDisk = false, withKafka = false, only, say } = options;
  const random = new Random(seed);
  const rig = await Rig.start({ seed, onDisk, withKafka });
  const ledgerPath = join(tmpdir(), `fenxiao-chaos-${seed}-${process.pid}.ndjson`);
  const ledger = new LedgerFile(ledgerPath);
  const poison: Poison[] = [];
  const skipped: string[] = [];
  const possible = faultsWith(withKafka).filter((fault) => {
    const why = fault.skipped?.(rig);
    if (why) skipped.push(`${fault.name}: ${why}`);
    return !why && (!only || fault.name.includes(only));
  });
  say(`seed ${seed}, ${cycles} cycles, data in ${rig.data}, ledger ${ledgerPath}`);
  for (const reason of skipped) say(`skipped: ${reason}`);
  const load = new Load(rig, ledger, random.stream('load'));
  const choice = random.stream('faults');
  let cycle = 0;
  let fault: Fault | undefined;
  let deck: Fault[] = [];
  let watch = new AbortController();
  try {
    await load.learn();
    const began = new Date();
    for (cycle = 1; cycle <= cycles; cycle++) {
      // Like cards: every fault once before any comes again.
      if (deck.length === 0) deck = choice.shuffled(possible);
      fault = deck.pop()!;
      load.resume(CLIENTS);
      watch = new AbortController();
      const operator = watchOver(rig, say, watch.signal);
      await delay(choice.int(500, 1500));
      const what = await fault.inflict(rig, choice, { awayMs, poisoned: (message) => poison.push(message) });
      const since = performance.now();
      await delay(choice.int(300, 1000));
      await load.pause();
      await rest(rig, { acknowledged: ledger.read(), poison, since: began });
      watch.abort();
      await operator;
      const seconds = ((performance.now() - since) / 1000).toFixed(1).padStart(5);
      say(
        `${String(cycle).padStart(4)}  ${fault.name.padEnd(52)} ${String(ledger.lines).padStart(7)} acknowledged ${seconds} s  ok  ${what}`,
      );
    }
    const audit = await command(rig.data, 'verify-audit');
    for (const line of audit.split('\n')) say(line);
    say(
      `${ledger.lines} acknowledged, of them ${ledger.read().filter(({ code }) => code).length} refusals; on the way: ${load.met || 'nothing'}`,
    );
  } catch (error) {
    watch.abort();
    load.abandon();
    const kept = `data folder ${rig.data}, ledger ${ledgerPath}`;
    await rig.stop(true).catch(() => {});
    throw new Error(
      `seed ${seed}, cycle ${cycle} (${fault?.name}), ${kept}: ${error instanceof Error ? error.message : String(error)}\n${rig.said}`,
      { cause: error },
    );
  } finally {
    ledger.close();
  }
  await rig.stop();
  return skipped;
}

/** Waits until nothing moves and nothing differs. @throws with what still does in the end */
async function rest(rig: Rig, truth: Parameters<typeof differences>[1]): Promise<void> {
  const deadline = Date.now() + HEAL_MS;
  for (;;) {
    const found = await differences(rig, truth).catch((error: unknown) => [String(error)]);
    if (found.length === 0) return;
    if (Date.now() > deadline) throw new Error(`after ${HEAL_MS / 1000} s:\n  ${found.join('\n  ')}`);
    await delay(200);
  }
}

/**
 * Starts the stack again when the supervisor has given up, as an operator does or whatever keeps services running: as often
 * as needed. Never rejects.
 */
async function watchOver(rig: Rig, say: (line: string) => void, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    if ((await rig.hasEnded()) && !until.aborted) {
      say('      the stack has ended and is started again');
      await rig.startAgain().catch((error: unknown) => say(String(error).replace(/^/gm, '      ')));
    }
    await delay(500, undefined, { signal: until }).catch(() => {});
  }
}
