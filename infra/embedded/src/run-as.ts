import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/** How to start a program that refuses to run as root. */
export interface RunAs {
  /** Words to put before the command. */
  prefix: string[];
  /** Options for `child_process.spawn`. */
  spawn: { uid?: number; gid?: number };
  /** Who must own the program's files, when we are root and have to see to it. */
  owner?: { uid: number; gid: number };
}

interface Account {
  uid: number;
  gid: number;
}

/**
 * Chooses the account PostgreSQL runs under. An ordinary user runs it as himself (in a user namespace, when his number has
 * no name). Root can't, so root takes the first of these that can enter both `folder` and `bin`; no account of the system
 * is created or changed:
 *
 * 1. root's own files in a user namespace, where root bears an ordinary number: works in any folder of root's;
 * 2. the owner of the folder on the way that is closed to root's files there (root at work in someone's home);
 * 3. the account `nobody` (or the last one the system has), where namespaces are forbidden, as in some containers: the
 *    folders above must let others pass.
 *
 * On Linux the program also gets a signal to end when this process dies, however that happens.
 *
 * @throws when none of them can enter, with what to do about it.
 */
export function accountToRunAs(folder: string, bin: string): RunAs {
  const withParent = works('setpriv', ['--pdeathsig', 'INT', 'true']) ? ['setpriv', '--pdeathsig', 'INT', '--'] : [];
  const ordinary = process.getuid?.() !== 0;
  if (ordinary && hasName()) return { prefix: withParent, spawn: {} };

  const accounts = ordinaryAccounts();
  const inside = accounts[0];
  const namespace = inside && ['-U', `--map-user=${inside.uid}`, `--map-group=${inside.gid}`];
  const inNamespace = namespace && works('unshare', [...namespace, 'true']) && ['unshare', ...namespace, '--'];
  if (ordinary) {
    // initdb refuses a number without a name, and containers are often run under one.
    if (inNamespace) return { prefix: [...inNamespace, ...withParent], spawn: {} };
    throw new Error(
      `PostgreSQL refuses to run as user ${process.getuid?.()}, who has no name in /etc/passwd: add one.`,
    );
  }
  const root = { uid: 0, gid: 0 };
  // The folder itself will be made for the account, or given to it.
  const obstacle = (account: Account) => closedTo(account, dirname(folder)) ?? closedTo(account, bin);

  const closedToRoot = obstacle(root);
  if (inNamespace && !closedToRoot) return { prefix: [...inNamespace, ...withParent], spawn: {}, owner: root };

  const owner = closedToRoot && statSync(closedToRoot);
  const candidates = [...(owner ? [{ uid: owner.uid, gid: owner.gid }] : []), ...accounts.slice(-1)];
  const account = candidates.find((candidate) => !obstacle(candidate));
  if (account) return { prefix: withParent, spawn: account, owner: account };

  const closed = closedToRoot ?? obstacle(candidates[0] ?? root) ?? folder;
  throw new Error(
    `PostgreSQL refuses to run as root. This system does not let root make a user namespace that could enter ${folder}, ` +
      `and other accounts cannot pass ${closed}. Start as an ordinary user, allow user namespaces, or choose a data ` +
      `folder elsewhere (or chmod o+x ${closed}).`,
  );
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** The first folder on the way from / down to `path` that the account may not pass, as far as it exists. */
function closedTo(account: Account, path: string): string | undefined {
  const above = dirname(path) === path ? undefined : closedTo(account, dirname(path));
  if (above) return above;
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info?.isDirectory()) return undefined;
  const bit = info.uid === account.uid ? 0o100 : info.gid === account.gid ? 0o010 : 0o001;
  return info.mode & bit ? undefined : path;
}

/**
 * Accounts the system already knows: initdb looks its own number up and refuses one without a name. `nobody` comes last:
 * its number is also what a namespace shows for every file of others.
 */
function ordinaryAccounts(): Account[] {
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const accounts = lines.map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const ordinary = accounts.filter(({ uid }) => uid > 0);
  ordinary.sort((a, b) => Number(a.name === 'nobody') - Number(b.name === 'nobody'));
  return ordinary.map(({ uid, gid }) => ({ uid, gid }));
}

function works(command: string, args: string[]): boolean {
  return process.platform === 'linux' && spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
