import { parseArgs } from 'node:util';
import { chaos } from './chaos.js';

/**
 * `npm run test:chaos -- --seed N --cycles M`: breaks the whole stack M times under load and checks after each that nothing
 * acknowledged is lost, doubled or different anywhere. `--long` keeps stores away for minutes, `--on-disk` leaves out the full
 * disk and uses the real one, `--kafka` lets a real Kafka keep the log and kills it, too; `--only <words>` inflicts only the faults with these words in their name.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    cycles: { type: 'string', default: '20' },
    long: { type: 'boolean', default: false },
    'on-disk': { type: 'boolean', default: false },
    kafka: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
await chaos({
  seed: values.seed,
  cycles: Number(values.cycles),
  awayMs: values.long ? 180_000 : 10_000,
  onDisk: values['on-disk'],
  withKafka: values.kafka,
  ...(values.only === undefined ? {} : { only: values.only }),
  say: (line) => console.log(line),
});
