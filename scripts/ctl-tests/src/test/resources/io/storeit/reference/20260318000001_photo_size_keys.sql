ALTER TABLE photos ADD COLUMN thumbnail_key TEXT;
ALTER TABLE photos ADD COLUMN large_key TEXT;
UPDATE _meta SET value = '2' WHERE key = 'schema_version';
