-- Cases of complaints whose clock ran out in the last 90 days and runs still: the move waited for was not made since, and the case
-- is in a state which that move is made in, or was waited for in, as far as those days show. What keeps the state ends nothing.
CREATE OR REPLACE VIEW overdue_complaints AS
WITH
  recent AS (SELECT kind, toString(procedure) AS procedure, toString(move) AS move, toString(from_state) AS from_state,
      toString(to_state) AS to_state, subject_id, time, offset
    FROM moves WHERE service = 'complaints' AND kind IN ('breach', 'move') AND time > now() - INTERVAL 90 DAY),
  waits AS (SELECT procedure, groupUniqArray((move, from_state)) AS states FROM recent GROUP BY procedure),
  cases AS (SELECT procedure, subject_id, argMax(to_state, (time, offset)) AS state,
      groupArrayIf((move, time), kind = 'breach') AS breaches, groupArrayIf((move, time), kind = 'move') AS made
    FROM recent WHERE subject_id IN (SELECT subject_id FROM recent WHERE kind = 'breach')
    GROUP BY procedure, subject_id),
  running AS (SELECT c.procedure AS procedure,
      arrayMap(b -> b.2, arrayFilter(b -> has(w.states, (b.1, c.state)) AND NOT arrayExists(m -> m.1 = b.1 AND m.2 >= b.2, c.made),
        c.breaches)) AS since
    FROM cases AS c JOIN waits AS w ON w.procedure = c.procedure)
SELECT r.procedure AS procedure, count() AS cases, min(arrayMin(r.since)) AS since
FROM running AS r
WHERE notEmpty(r.since)
GROUP BY procedure;
