-- Schema 2: a photo row names its thumbnail and its large version, as StoreIT 0.1.0 was published and 0.2 kept it.

ALTER TABLE photos ADD COLUMN thumbnail_key TEXT;
ALTER TABLE photos ADD COLUMN large_key TEXT;

UPDATE _meta SET value = '2' WHERE key = 'schema_version';

INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES
    (20260318000001, 'photo size keys', 1, x'0ad59d35615daaab5d8907459dc871183e98ff0cd45e4fdcc6747abf58d29c3ab7820451638212fe938d9b388256dcef', 0);
