-- C-08: what was signed before its complaint was opened again tells of another ending.
ALTER TABLE quality_complaint_form ADD COLUMN outdated boolean NOT NULL DEFAULT false;
UPDATE quality_complaint_form f SET outdated = true
WHERE EXISTS (SELECT FROM audit a
  WHERE a.subject = f.complaint AND a.procedure = 'complaint' AND a.move = 'reopen' AND a.outcome = 'done' AND a.at > f.signed_at);
