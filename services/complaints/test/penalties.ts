import type { Member, Reply } from '@fenxiao/testing/harness';
import type { Company } from './company.js';

/** Penalties in tests: what is approved is what was read. */
export const pathOf = (penalty: Reply): string => `/penalties/${penalty.body.id}`;

export async function movePenalty(c: Company, penalty: Reply, name: string, by: Member, form: object = {}) {
  const seen = name === 'approve' ? { 'if-match': await versionOf(c, penalty) } : {};
  return by.post(`${pathOf(penalty)}/${name}`, form, seen);
}

/** As it is now, for If-Match. */
export const versionOf = async ({ gm }: Company, penalty: Reply): Promise<string> =>
  (await gm.get(pathOf(penalty))).headers.get('etag')!;

/** The facts published of it, in order. */
export async function factsOf({ h }: Company, penalty: Reply) {
  const facts = (await h.events()).filter(({ subject }) => subject === penalty.body.id);
  return facts.map(({ type }) => type.split('.')[3]);
}
