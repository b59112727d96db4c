-- X-20: what somebody has accepted before is renewed by the next acceptance.
CREATE INDEX agreement_acceptance_by_person ON form_document (created_by)
  WHERE procedure = 'agreement-acceptance' AND state = 'accepted';
-- X-21: no two assets under one code.
CREATE INDEX asset_by_code ON form_document ((form->>'code')) WHERE procedure = 'asset';
