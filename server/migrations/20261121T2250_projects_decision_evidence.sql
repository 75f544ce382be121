-- What travels with the certificate of a decision, in the canonical form: stored as it was certified, as that of an analysis is.
alter table projects.decision add column evidence_text text;
