import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Pool } from 'pg';

/** Keeps what oidc-provider has to remember in PostgreSQL, so that a restart logs nobody out. */
export function oidcRecords(pool: Pool): (model: string) => Adapter {
  const find = async (sql: string, values: string[]): Promise<AdapterPayload | undefined> => {
    const { rows } = await pool.query<{ payload: AdapterPayload }>(
      `select payload from oidc_record where ${sql} and (expires_at is null or expires_at > now())`,
      values,
    );
    return rows[0]?.payload;
  };

  return (model) => ({
    async upsert(id, payload, expiresIn) {
      await pool.query(
        `insert into oidc_record (model, id, payload, uid, grant_id, account_id, expires_at)
         values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
         on conflict (model, id) do update set payload = excluded.payload, uid = excluded.uid, grant_id = excluded.grant_id,
           account_id = excluded.account_id, expires_at = excluded.expires_at`,
        [model, id, payload, payload.uid, payload.grantId, payload.accountId, expiresIn],
      );
    },
    find: (id) => find('model = $1 and id = $2', [model, id]),
    findByUid: (uid) => find('model = $1 and uid = $2', [model, uid]),
    // Only the device flow has user codes, and it is off.
    findByUserCode: () => Promise.resolve(undefined),
    async consume(id) {
      await pool.query(
        `update oidc_record set payload = payload || jsonb_build_object('consumed', extract(epoch from now())::bigint)
         where model = $1 and id = $2`,
        [model, id],
      );
    },
    async destroy(id) {
      await pool.query('delete from oidc_record where model = $1 and id = $2', [model, id]);
    },
    async revokeByGrantId(grantId) {
      await pool.query('delete from oidc_record where grant_id = $1', [grantId]);
    },
  });
}

/** Deletes what has expired; to be called now and then. */
export async function sweep(pool: Pool): Promise<void> {
  await pool.query('delete from oidc_record where expires_at < now()');
  await pool.query('delete from password_link where expires_at < now()');
}
