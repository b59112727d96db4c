import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { freePort } from '@fenxiao/embedded/ports';
import { until } from '@fenxiao/testing/wait';

/** What the benches of services share: each runs built, as a process of its own, and is asked over HTTP. */

export interface Served {
  readonly child: ChildProcess;
  readonly url: string;
}

/** @param preload a file beside this one that the process loads first */
export async function serve(
  service: 'orders' | 'complaints',
  environment: Readonly<Record<string, string>>,
  { preload, flags = [] }: { preload?: string; flags?: readonly string[] } = {},
): Promise<Served> {
  const port = await freePort();
  const program = fileURLToPath(new URL(`../../services/${service}/dist/main.js`, import.meta.url));
  const watched = preload ? ['--import', fileURLToPath(new URL(preload, import.meta.url))] : [];
  const child = spawn(process.execPath, [...flags, ...watched, program], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment, PORT: String(port), LOG_LEVEL: 'error' },
  });
  process.once('exit', () => child.kill()); // where the bench fails
  const url = `http://127.0.0.1:${port}`;
  await until('the service to be ready', async () =>
    fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return { child, url };
}

export async function stop({ child }: Served): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export const agent = new Agent({ keepAlive: true, maxSockets: 50 });

/** One request with a token. @throws Error with the answer where it is no success */
export function ask<T>(method: 'GET' | 'POST', url: string, authorization: string, body?: object): Promise<T> {
  const text = body && JSON.stringify(body);
  const about = text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {};
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { authorization, ...about } }, (answer) => {
      let given = '';
      answer.setEncoding('utf8').on('data', (part: string) => (given += part));
      answer.on('end', () =>
        answer.statusCode! < 300
          ? resolve(JSON.parse(given) as T)
          : reject(new Error(`${method} ${url}: ${answer.statusCode} ${given}`)),
      );
    });
    sent.on('error', reject).end(text);
  });
}
