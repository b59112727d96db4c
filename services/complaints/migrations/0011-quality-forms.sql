-- C-04, C-08: how long whoever handles the complaint has for each step of its form, and since when the complaint is handled.
ALTER TABLE quality_complaint_form
  ADD COLUMN step_hours int NOT NULL DEFAULT 8,
  ADD COLUMN handled_at timestamptz;
ALTER TABLE quality_complaint_form ALTER COLUMN step_hours DROP DEFAULT;
UPDATE quality_complaint_form f SET handled_at = c.entered_at
FROM complaint c WHERE c.id = f.complaint AND c.state IN ('resolved', 'rejected', 'followed-up', 'archived');

-- C-09: an 8D is found by product and defect as repeats are counted; goods without a code by their name.
ALTER TABLE capa ADD COLUMN product_name text;
UPDATE capa a SET product_name = c.product_name FROM complaint c WHERE c.id = a.complaint;
CREATE INDEX capa_by_repeat ON capa ((coalesce(product_code, product_name)), (lower(defect)), id DESC);
