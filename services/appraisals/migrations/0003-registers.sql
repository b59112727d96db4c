-- X-10: each person confirms each version once, also when two requests come at the same moment.
CREATE UNIQUE INDEX read_confirmation_once ON form_document ((form->>'regulationId'), created_by)
  WHERE procedure = 'read-confirmation';
