-- Requests of an organisation ask for jobs and mails, and read neither: what others asked for is not theirs to see.
grant usage on schema platform to tidemark_app;
grant insert on platform.job_request, platform.mail to tidemark_app;
