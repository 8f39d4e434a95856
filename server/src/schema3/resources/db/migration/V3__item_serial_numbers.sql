-- Schema 3: items have a serial number.

ALTER TABLE items ADD COLUMN serial_number TEXT;

UPDATE _meta SET value = '3' WHERE key = 'schema_version';

-- Keeps StoreIT 0.1 and 0.2 from opening the file. The checksum is the SHA-384 of the ALTER statement and its line feed.
INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES
    (20261101000001, 'item serial numbers', 1, x'4b93081e661dd4c4e54845d7bb0bfe525a3db64c072b2f8c953828a9a5cfd5e6cae91e8c57206dc3ff8092982d49d33a', 0);
