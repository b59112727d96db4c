-- C-15: who proposed a dismissal after the penalty itself has decided enough.
ALTER TABLE penalty ADD COLUMN dismissal_by text;
