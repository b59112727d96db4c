import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { z } from 'zod';
import { isLoopback } from '../addresses.js';
import { hashPassword } from './password.js';

/** The password of every demonstration account. It is public, so these accounts live on the operator's own machine only. */
export const demonstrationPassword = 'fenxiao-demo';

export const DemonstrationAccounts = z.array(
  z.object({
    login: z.string(),
    name: z.string(),
    /** Position in the demonstration data; what it may do is known there, not here. */
    role: z.string(),
    sub: z.uuid(),
    /** May make accounts. */
    administrator: z.boolean().optional(),
  }),
);

/** @throws unless this is the embedded stack and its gateway listens on this machine only. */
export function assertMayDemonstrate(environment: {
  FENXIAO_EMBEDDED?: string | undefined;
  GATEWAY_HOST?: string | undefined;
}) {
  if (environment.FENXIAO_EMBEDDED === '1' && isLoopback(environment.GATEWAY_HOST ?? '')) return;
  throw new Error(
    `Demonstration accounts have a public password (${demonstrationPassword}). Identity starts with them only in the embedded ` +
      'stack and while its gateway listens on this machine alone: leave out --listen, or start with an empty data folder ' +
      '(--empty, after --reset if this one holds demonstration data).',
  );
}

/** Whether the database still has accounts with the public password. */
export async function hasDemonstrationAccounts(pool: Pool): Promise<boolean> {
  return (await pool.query('select from account where demonstration limit 1')).rowCount === 1;
}

/** Makes the accounts listed in the JSON file that are missing. */
export async function loadDemonstrationAccounts(pool: Pool, file: string): Promise<void> {
  const accounts = DemonstrationAccounts.parse(JSON.parse(await readFile(file, 'utf8')));
  const hash = await hashPassword(demonstrationPassword);
  for (const { sub, login, name, role, administrator } of accounts) {
    await pool.query(
      `insert into account (id, login, name, administrator, password, demonstration) values ($1, $2, $3, $4, $5, true)
       on conflict do nothing`,
      [sub, login, name, administrator ?? role === 'administrator', hash],
    );
  }
}
