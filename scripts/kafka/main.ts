import { parseArgs } from 'node:util';
import { startKafka } from '@fenxiao/testing/kafka';

/** `npm run kafka`: a real Apache Kafka on this machine, for `EVENT_LOG=kafka npm start` beside it. */
const { values } = parseArgs({
  options: { data: { type: 'string', default: 'data-kafka' }, port: { type: 'string', default: '9092' } },
});
try {
  const kafka = await startKafka({ folder: values.data, port: Number(values.port) });
  process.stdout.write(`Kafka is ready on ${kafka.broker}, its data are in ${values.data}. Ctrl-C stops it.\n`);
  process.stdout.write(`The stack on it: EVENT_LOG=kafka KAFKA_BROKERS=${kafka.broker} npm start\n`);
  const stop = () => void kafka.stop();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  await kafka.ended;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
