-- What began lately, for the front page and the feed, without reading the register from end to end.
create index agreement_starts_on on agreement (starts_on desc, number) where withdrawn_at is null;
