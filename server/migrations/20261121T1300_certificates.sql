-- Certificates never change once issued, so the database refuses to change them. Whom one speaks of is kept apart, under
-- a key of that subject's own: destroying the key erases the name and leaves the certificate.
create schema certificates;

create table certificates.subject (
  -- Keyed hash of what identifies the subject; without the key-encryption key it says nothing.
  subject_ref text primary key check (subject_ref ~ '^[0-9a-f]{64}$'),
  -- The subject's key, wrapped; null once erased.
  wrapped_key bytea,
  created_at timestamptz not null,
  erased_at timestamptz,
  check ((wrapped_key is null) = (erased_at is not null))
);

create table certificates.certificate (
  certificate_id text primary key check (certificate_id ~ '^cert_[0-9A-HJKMNP-TV-Z]{26}$'),
  calculation_id text not null unique,
  certificate_hash text not null unique check (certificate_hash ~ '^[0-9a-f]{64}$'),
  kid text not null check (kid ~ '^[A-Za-z0-9_-]{43}$'),
  issued_at timestamptz not null,
  -- The signed document in its canonical form, as text: jsonb would write it anew.
  document text not null,
  subject_ref text not null references certificates.subject,
  -- Salt and subject, encrypted under the subject's key.
  disclosure bytea not null
);

create index certificate_newest on certificates.certificate (issued_at desc, certificate_id desc);
create index certificate_of_subject on certificates.certificate (subject_ref);

create function certificates.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'a certificate never changes once issued: % refused', tg_op using errcode = 'restrict_violation';
end
$$;

create trigger certificate_is_final before update or delete on certificates.certificate
  for each row execute function certificates.refuse_change();
create trigger certificates_stay before truncate on certificates.certificate
  for each statement execute function certificates.refuse_change();
