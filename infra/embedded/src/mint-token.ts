import { Pool } from 'pg';
import { accessToken } from './access-token.js';
import { readRunning, readSecrets } from './data-folder.js';
import { Accounts } from './identity/accounts.js';
import { stillRuns } from './processes.js';

/**
 * An access token such as the account would get by logging in, for the operator's own machine: whoever can read the data
 * folder's key can make one anyway.
 *
 * @throws when the stack does not run, and when there is no such account or it is disabled
 */
export async function mintToken(folder: string, login: string): Promise<string> {
  const running = await readRunning(folder);
  const supervisor = running?.processes['supervisor'];
  if (!running || !supervisor || !stillRuns(supervisor)) throw new Error(`Nothing runs on ${folder}: npm start first.`);
  const { identity, postgres } = await readSecrets(folder);
  const url = `postgres://postgres:${postgres.superuser}@127.0.0.1:${running.ports['postgresql']}/fenxiao`;
  const pool = new Pool({ connectionString: url, options: '-c search_path=identity', max: 1 });
  try {
    const account = await new Accounts(pool).findByLogin(login);
    if (!account) throw new Error(`There is no account ${login}.`);
    if (account.state !== 'active') throw new Error(`The account ${login} is disabled.`);
    return await accessToken(identity, `${running.url}/auth`, account.id);
  } finally {
    await pool.end();
  }
}
