import { createServer } from 'node:net';
import { listenerOn } from './processes.js';

/** A TCP port on 127.0.0.1 that is free now: the first from `from` on, or any if that is left out. */
export async function freePort(from = 0): Promise<number> {
  for (let port = from; ; port++) {
    const found = await tryToListen(port, '127.0.0.1');
    if (found) return found;
    if (port > 65_000) throw new Error('No free TCP port found.');
  }
}

/** @throws with the name of who has the port, if the system tells, when it is taken. */
export async function assertFree(port: number, host: string): Promise<void> {
  if (await tryToListen(port, host)) return;
  const who = listenerOn(port);
  throw new Error(
    `Port ${port} is taken${who ? ` by ${who}` : ''}. Stop that, or choose another port with --port (0: any free one).`,
  );
}

/** @returns the port, or undefined when it is taken. @throws when the address is not one of this machine. */
function tryToListen(port: number, host: string): Promise<number | undefined> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') done(undefined);
      else if (error.code === 'EACCES')
        fail(new Error(`This user may not listen on port ${port}: choose one above 1023.`));
      else fail(new Error(`Can't listen on ${host}: ${error.message}`));
    });
    server.listen(port, host, () => {
      const { port: found } = server.address() as { port: number };
      server.close(() => done(found));
    });
  });
}
