import { baseConfig } from '../src/config.js';
import { daily } from '../src/due.js';
import { startService, type ServiceDefinition } from '../src/service.js';

/**
 * A service with one job, started as a process of its own by jobs.e2e.ts, which tells it the time. Between the halves
 * of its job it waits for the advisory lock of its process id: the test holds that, and sees in pg_locks who is there.
 */
const definition: ServiceDefinition = {
  name: process.env['SERVICE']!,
  config: baseConfig,
  procedures: [],
  migrations: [],
  jobs: [
    {
      name: 'promotion',
      clause: 'O-20',
      due: daily('18:00'),
      run: async (work, { date }) => {
        const write = 'INSERT INTO effect (date, half, pid) VALUES ($1, $2, $3)';
        await work.query(write, [date, 1, process.pid]);
        await work.query('SELECT pg_advisory_xact_lock($1)', [process.pid]);
        await work.query(write, [date, 2, process.pid]);
      },
    },
  ],
};

let now = new Date(process.env['NOW']!);
process.on('message', (to: string) => (now = new Date(to)));
process.on('disconnect', () => process.exit()); // the test is gone
const { url } = await startService(definition, process.env, { now: () => now });
process.send!(url);
