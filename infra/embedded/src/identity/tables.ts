import type { Pool } from 'pg';

/** Each runs once, in order, in a transaction of its own. Never change one that has been released: add another. */
const migrations = [
  `create table account (
     id uuid primary key default uuidv7(),
     login text not null,
     name text not null,
     kind text not null default 'person' check (kind in ('person', 'system')),
     password text,
     administrator boolean not null default false,
     -- Its password is public: see demonstration.ts.
     demonstration boolean not null default false,
     must_change_password boolean not null default false,
     state text not null default 'active' check (state in ('active', 'disabled')),
     created_at timestamptz not null default now(),
     disabled_at timestamptz,
     check ((state = 'disabled') = (disabled_at is not null))
   );
   create unique index account_login on account (lower(login));

   create table password_link (
     token_sha256 bytea primary key,
     account_id uuid not null references account,
     expires_at timestamptz not null
   );
   create index password_link_account on password_link (account_id);

   -- Sessions, grants, codes and refresh tokens of oidc-provider.
   create table oidc_record (
     model text not null,
     id text not null,
     payload jsonb not null,
     uid text,
     grant_id text,
     account_id text,
     expires_at timestamptz,
     primary key (model, id)
   );
   create index oidc_record_uid on oidc_record (uid) where uid is not null;
   create index oidc_record_grant on oidc_record (grant_id) where grant_id is not null;
   create index oidc_record_account on oidc_record (account_id) where account_id is not null;
   create index oidc_record_expiry on oidc_record (expires_at);`,
];

/** Brings the tables of schema `identity` up to date. The schema exists and belongs to the role of `pool`. */
export async function migrate(pool: Pool): Promise<void> {
  await pool.query(
    `create table if not exists migration (number int primary key, applied_at timestamptz not null default now())`,
  );
  const { rows } = await pool.query<{ last: number }>('select coalesce(max(number), 0) as last from migration');
  const last = rows[0]?.last ?? 0;
  for (const [index, sql] of migrations.entries()) {
    // Sent as one simple query, which is one transaction.
    if (index + 1 > last) await pool.query(`${sql}; insert into migration (number) values (${index + 1})`);
  }
}
