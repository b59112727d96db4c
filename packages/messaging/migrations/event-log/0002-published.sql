-- How far each partition has been published to Kafka, where there is one.
CREATE TABLE published (
  topic text   NOT NULL,
  part  int    NOT NULL,
  off   bigint NOT NULL,
  PRIMARY KEY (topic, part),
  FOREIGN KEY (topic, part) REFERENCES partition
) WITH (fillfactor = 20);

-- As before, and where a publisher reads the log a day stays until all of it has been published.
-- One function with a default, so that the previous release may go on calling it.
DROP FUNCTION drop_days(int);
CREATE FUNCTION drop_days(keep int, only_published boolean DEFAULT false) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = event_log, pg_temp AS $$
DECLARE t record; kept boolean; dropped int := 0;
BEGIN
  IF keep < 1 THEN RAISE EXCEPTION 'the event log is kept at least one day'; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('event_log.ensure_days'));
  FOR t IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'event_log.record'::regclass
             AND c.relname < 'record_' || to_char(current_date - keep, 'YYYYMMDD')
           ORDER BY c.relname LOOP
    IF only_published THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM (SELECT topic, part, max(off) AS last FROM event_log.%I GROUP BY topic, part) r
                      LEFT JOIN event_log.published p USING (topic, part) WHERE r.last > coalesce(p.off, 0))', t.relname) INTO kept;
      EXIT WHEN kept;
    END IF;
    EXECUTE format('UPDATE event_log.partition p SET first = r.last + 1
                    FROM (SELECT topic, part, max(off) AS last FROM event_log.%I GROUP BY topic, part) r
                    WHERE r.topic = p.topic AND r.part = p.part AND p.first <= r.last', t.relname);
    EXECUTE format('DROP TABLE event_log.%I', t.relname);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
