-- Schema 3, which no release has: the profile `schema3` builds a next version with it, so that the tests and the demo move real data
-- across a schema change in both directions. It follows the recipe for every new schema version: change the tables, raise
-- schema_version, add a row to `_sqlx_migrations` (which keeps StoreIT 0.1 and 0.2 from opening the file). The checksum is the SHA-384
-- of the ALTER statement and its line feed.

ALTER TABLE items ADD COLUMN serial_number TEXT;

UPDATE _meta SET value = '3' WHERE key = 'schema_version';

INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES
    (20261101000001, 'item serial numbers', 1, x'4b93081e661dd4c4e54845d7bb0bfe525a3db64c072b2f8c953828a9a5cfd5e6cae91e8c57206dc3ff8092982d49d33a', 0);
