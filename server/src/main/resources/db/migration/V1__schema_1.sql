-- A fresh database of schema 1, statement by statement as StoreIT's own builds made it: SQLite keeps the text of each CREATE,
-- and appends that of each ALTER, so only the same sequence yields the same schema text. V2 goes on from here.
-- `_sqlx_migrations` is the bookkeeping StoreIT 0.1 and 0.2 look at: with these rows and checksums (the SHA-384 of their
-- migration files) they open a database of ours. A released migration is never edited.

CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);

CREATE TABLE locations (
    id TEXT PRIMARY KEY NOT NULL,
    group_id TEXT NOT NULL,
    parent_id TEXT REFERENCES locations(id),
    name TEXT NOT NULL,
    description TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
);
CREATE INDEX idx_locations_group ON locations(group_id);
CREATE INDEX idx_locations_parent ON locations(parent_id);

CREATE TABLE containers (
    id TEXT PRIMARY KEY NOT NULL,
    group_id TEXT NOT NULL,
    parent_location_id TEXT REFERENCES locations(id),
    parent_container_id TEXT REFERENCES containers(id),
    name TEXT NOT NULL,
    description TEXT,
    color TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    CHECK (
        (parent_location_id IS NOT NULL AND parent_container_id IS NULL) OR
        (parent_location_id IS NULL AND parent_container_id IS NOT NULL)
    )
);
CREATE INDEX idx_containers_group ON containers(group_id);
CREATE INDEX idx_containers_parent_location ON containers(parent_location_id);
CREATE INDEX idx_containers_parent_container ON containers(parent_container_id);

CREATE TABLE items (
    id TEXT PRIMARY KEY NOT NULL,
    group_id TEXT NOT NULL,
    container_id TEXT REFERENCES containers(id),
    location_id TEXT REFERENCES locations(id),
    name TEXT NOT NULL,
    description TEXT,
    aliases TEXT NOT NULL DEFAULT '[]',
    keywords TEXT NOT NULL DEFAULT '[]',
    category TEXT,
    barcode TEXT,
    material TEXT,
    color TEXT,
    condition_notes TEXT,
    quantity INTEGER NOT NULL DEFAULT 1,
    ai_raw TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    CHECK (
        (container_id IS NOT NULL AND location_id IS NULL) OR
        (container_id IS NULL AND location_id IS NOT NULL)
    )
);
CREATE INDEX idx_items_group ON items(group_id);
CREATE INDEX idx_items_container ON items(container_id);
CREATE INDEX idx_items_location ON items(location_id);

CREATE TABLE photos (
    id TEXT PRIMARY KEY NOT NULL,
    entity_type TEXT NOT NULL CHECK (entity_type IN ('location', 'container', 'item')),
    entity_id TEXT NOT NULL,
    storage_key TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    is_primary INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
);
CREATE INDEX idx_photos_entity ON photos(entity_type, entity_id);

CREATE TABLE nfc_tags (
    id TEXT PRIMARY KEY NOT NULL,
    group_id TEXT NOT NULL,
    tag_uri TEXT NOT NULL UNIQUE,
    entity_type TEXT CHECK (entity_type IN ('location', 'container')),
    entity_id TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    assigned_at TEXT
);
CREATE INDEX idx_nfc_tags_uri ON nfc_tags(tag_uri);
CREATE INDEX idx_nfc_tags_group ON nfc_tags(group_id);

CREATE VIRTUAL TABLE search_index USING fts5(
    entity_type UNINDEXED,
    entity_id UNINDEXED,
    group_id UNINDEXED,
    searchable_text,
    tokenize = 'porter unicode61'
);

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    external_id TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
);
CREATE INDEX idx_users_external_id ON users(external_id);

CREATE TABLE groups (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
);

CREATE TABLE user_groups (
    user_id TEXT NOT NULL REFERENCES users(id),
    group_id TEXT NOT NULL REFERENCES groups(id),
    role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'member')),
    PRIMARY KEY (user_id, group_id)
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users(id),
    active_group_id TEXT NOT NULL REFERENCES groups(id),
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
);
CREATE INDEX idx_sessions_user ON sessions(user_id);
CREATE INDEX idx_sessions_expires ON sessions(expires_at);

INSERT INTO groups (id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'default');

ALTER TABLE users ADD COLUMN password_hash TEXT;
ALTER TABLE users ADD COLUMN is_admin INTEGER NOT NULL DEFAULT 0;

ALTER TABLE locations ADD COLUMN latitude REAL;
ALTER TABLE locations ADD COLUMN longitude REAL;

CREATE TABLE settings (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

CREATE INDEX idx_photos_storage_key ON photos(storage_key);

ALTER TABLE photos ADD COLUMN rotation INTEGER NOT NULL DEFAULT 0;

CREATE TABLE _meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);
INSERT INTO _meta (key, value) VALUES ('schema_version', '1');

INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES
    (20260228000001, 'initial schema', 1, x'a8c12ebfb545f284fb53fdc197e604ef5a08089ea59615094aca3adeba89f8cefb7731a5609c00c2237c769a444d3edb', 0),
    (20260228000002, 'fts5 search', 1, x'f15b6f43c0afc146864bbca886b5c17e6d5f7539e49fea522c733b4737ca6f1322b1b4b5fb33e6959c8c403bfa058b84', 0),
    (20260228000003, 'auth', 1, x'd3a5a94024954226b346e5bc9b28798ffe4cba85bc917f0f0c5d2860e0b04b1bfcb8fd875db48d2d135b32036c0400ce', 0),
    (20260304000001, 'local auth', 1, x'a37a5abb562834e0f243ca920c4be4f50a447b9c83a01a9d64827fae5195dfe906ed8d8389cb9a8f8ca62c36d6a6da7d', 0),
    (20260304000002, 'location coordinates', 1, x'7b7de224bad92f8e75df520ff7a8cf8da53995427856e1edc32bf1dc48f229314866cdc3d555d0931f59c18f4ec89ba8', 0),
    (20260305000001, 'settings', 1, x'4a8f87b43aa94b8520435251b6abdf67e9effc9a986425e52892ad6ec712531742d953be2b95075467380b301b509c01', 0),
    (20260305000002, 'photo storage key index', 1, x'a50b002b387a8c9e6ba2b61ae9d6f7a8be38f35dc6ab8e74703ff01fc6439b8af039683fc91e726a3121d83503310f22', 0),
    (20260316000001, 'photo rotation', 1, x'fa30cd2f49da3b767d03240ef9780fd885de2bdb2958d9e7de79efd214b81409377ca9f9dc8b0b23edb13c9e47079756', 0),
    (20260317000001, 'meta table', 1, x'2b3ba7b58ead607fb3b520afb654ff5cd3eca540fe0d241ae6f5cd279c66c57c038ffaa8738af64b7185be0c90d18982', 0);
