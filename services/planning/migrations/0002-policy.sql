-- X-09: the regions that carry out a policy.
CREATE INDEX policy_execution_by_policy ON form_document ((form->>'policyId'), id) WHERE procedure = 'policy-execution';
