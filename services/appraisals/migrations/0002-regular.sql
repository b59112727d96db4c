-- X-01a: when a probationer or intern became a regular; null for whoever is none, or began as one.
ALTER TABLE person ADD COLUMN regular_from date;
