-- Scheduled work: how far each job is planned, and what became of each occasion.

-- Every occasion up to this instant has been sent to the queue; one row per job, locked by whoever plans.
CREATE TABLE job_plan (
  name       text PRIMARY KEY,
  planned_to timestamptz NOT NULL
);

-- The row is written in the transaction of the job's effects: delivered twice, it happens once.
CREATE TABLE job_run (
  name       text NOT NULL,
  date       date NOT NULL,
  due_at     timestamptz NOT NULL,
  started_at timestamptz NOT NULL,
  took_ms    int,
  late       boolean NOT NULL,
  outcome    text NOT NULL CHECK (outcome IN ('done', 'failed')),
  actor      text NOT NULL,
  PRIMARY KEY (name, date)
);

-- X-15: the audit is searched by any of these within a period, newest first. Rules, procedures and persons are many,
-- refusals few; what is done is nearly all, so it needs no index of its own.
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_of_subject ON audit (subject, at, id);
CREATE INDEX audit_of_actor ON audit (actor, at, id);
CREATE INDEX audit_of_rule ON audit (rule, at, id);
CREATE INDEX audit_of_procedure ON audit (procedure, at, id);
CREATE INDEX audit_refused ON audit (at, id) WHERE outcome = 'refused';
DROP INDEX audit_by_subject, audit_by_actor, audit_by_rule;
