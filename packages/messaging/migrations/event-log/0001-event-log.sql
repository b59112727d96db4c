-- The event log: one record per event, dense offsets per topic and partition, commit-ordered.
-- A topic has one writing role; every service may read. Records live in daily partitions that retention drops whole.
CREATE TABLE topic (
  name   text PRIMARY KEY,
  parts  int  NOT NULL CHECK (parts > 0),
  writer name NOT NULL
);

-- One counter per partition: its row lock orders the writers, so offsets are gap-free and readers see a prefix.
-- fillfactor 20 keeps the many updates within one page.
CREATE TABLE partition (
  topic text   NOT NULL REFERENCES topic,
  part  int    NOT NULL,
  next  bigint NOT NULL DEFAULT 1,
  first bigint NOT NULL DEFAULT 1,               -- oldest offset still kept
  day   date   NOT NULL DEFAULT current_date,    -- never goes back, even if the clock does
  PRIMARY KEY (topic, part)
) WITH (fillfactor = 20);

CREATE TABLE record (
  topic   text        NOT NULL,
  part    int         NOT NULL,
  off     bigint      NOT NULL,
  day     date        NOT NULL,
  at      timestamptz NOT NULL,
  key     text        NOT NULL,
  headers text        NOT NULL,                  -- CloudEvents attributes as a JSON object
  value   text        NOT NULL,                  -- the data, as JSON
  PRIMARY KEY (topic, part, off, day)
) PARTITION BY RANGE (day);

-- Which member of a consumer group reads which partition. Only efficiency rests on it: the marks decide.
CREATE TABLE lease (
  grp   text   NOT NULL,
  topic text   NOT NULL,
  part  int    NOT NULL,
  owner text,
  until timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (grp, topic, part)
);
CREATE TABLE member (
  grp   text NOT NULL,
  owner text NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (grp, owner)
);

-- Creates the partitions of today and the days to come: a missing one would stop every append.
CREATE FUNCTION ensure_days(ahead int DEFAULT 3) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = event_log, pg_temp AS $$
DECLARE d date;
BEGIN
  FOR d IN SELECT current_date - 1 + i FROM generate_series(0, ahead + 1) i LOOP
    IF to_regclass('event_log.record_' || to_char(d, 'YYYYMMDD')) IS NULL THEN
      PERFORM pg_advisory_xact_lock(hashtext('event_log.ensure_days'));
      EXECUTE format('CREATE TABLE IF NOT EXISTS event_log.%I PARTITION OF event_log.record FOR VALUES FROM (%L) TO (%L)',
                     'record_' || to_char(d, 'YYYYMMDD'), d, d + 1);
    END IF;
  END LOOP;
END $$;

-- Drops whole days older than `keep` days and remembers the first offset left, so that a consumer that was away
-- longer knows it is retention and not a hole.
CREATE FUNCTION drop_days(keep int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = event_log, pg_temp AS $$
DECLARE t record; dropped int := 0;
BEGIN
  IF keep < 1 THEN RAISE EXCEPTION 'the event log is kept at least one day'; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('event_log.ensure_days'));
  FOR t IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'event_log.record'::regclass
             AND c.relname < 'record_' || to_char(current_date - keep, 'YYYYMMDD')
           ORDER BY c.relname LOOP
    EXECUTE format('UPDATE event_log.partition p SET first = r.last + 1
                    FROM (SELECT topic, part, max(off) AS last FROM event_log.%I GROUP BY topic, part) r
                    WHERE r.topic = p.topic AND r.part = p.part AND p.first <= r.last', t.relname);
    EXECUTE format('DROP TABLE event_log.%I', t.relname);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

-- Appends in the given order and wakes the readers. Only the topic's writer may call it for that topic.
-- Locks are taken in the order of the partitions, so two writers never wait for each other in a circle.
-- Plans made while a table is empty stay bad for ever: sorts and scans that an index can replace are switched off.
CREATE FUNCTION append(to_topic text, parts int[], keys text[], heads text[], vals text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = event_log, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE appended bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM topic WHERE name = to_topic AND (writer = session_user OR pg_has_role(session_user, writer, 'USAGE'))) THEN
    RAISE EXCEPTION 'role % may not write to topic %', session_user, to_topic USING ERRCODE = 'insufficient_privilege';
  END IF;
  WITH input AS (SELECT * FROM unnest(parts, keys, heads, vals) WITH ORDINALITY t(part, key, headers, value, ord)),
       cnt AS (SELECT part, count(*) AS n FROM input GROUP BY part),
       locked AS MATERIALIZED (SELECT p.part FROM partition p WHERE p.topic = to_topic AND p.part IN (SELECT part FROM cnt) ORDER BY p.part FOR UPDATE),
       counted AS (UPDATE partition p SET next = p.next + cnt.n, day = GREATEST(p.day, current_date)
                   FROM cnt, (SELECT count(*) FROM locked) l
                   WHERE p.topic = to_topic AND p.part = cnt.part RETURNING p.part, p.next - cnt.n AS base, p.day)
  INSERT INTO record (topic, part, off, day, at, key, headers, value)
  SELECT to_topic, i.part, c.base + row_number() OVER (PARTITION BY i.part ORDER BY i.ord) - 1, c.day, clock_timestamp(), i.key, i.headers, i.value
  FROM input i JOIN counted c USING (part);
  GET DIAGNOSTICS appended = ROW_COUNT;
  IF appended <> cardinality(parts) THEN RAISE EXCEPTION 'topic % lacks a partition named in the batch', to_topic; END IF;
  PERFORM pg_notify('event_log', to_topic);
  RETURN appended;
END $$;

SELECT ensure_days();
