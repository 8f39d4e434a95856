-- Schema version 2, made by make prepare. Migrations:
--   20260228000001 initial schema
--   20260228000002 fts5 search
--   20260228000003 auth
--   20260304000001 local auth
--   20260304000002 location coordinates
--   20260305000001 settings
--   20260305000002 photo storage key index
--   20260316000001 photo rotation
--   20260317000001 meta table
--   20260318000001 photo size keys

CREATE TABLE _meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);

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

CREATE TABLE groups (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
);

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

CREATE TABLE locations (
    id TEXT PRIMARY KEY NOT NULL,
    group_id TEXT NOT NULL,
    parent_id TEXT REFERENCES locations(id),
    name TEXT NOT NULL,
    description TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
, latitude REAL, longitude REAL);

CREATE TABLE nfc_tags (
    id TEXT PRIMARY KEY NOT NULL,
    group_id TEXT NOT NULL,
    tag_uri TEXT NOT NULL UNIQUE,
    entity_type TEXT CHECK (entity_type IN ('location', 'container')),
    entity_id TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    assigned_at TEXT
);

CREATE TABLE photos (
    id TEXT PRIMARY KEY NOT NULL,
    entity_type TEXT NOT NULL CHECK (entity_type IN ('location', 'container', 'item')),
    entity_id TEXT NOT NULL,
    storage_key TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    is_primary INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
, rotation INTEGER NOT NULL DEFAULT 0, thumbnail_key TEXT, large_key TEXT);

CREATE VIRTUAL TABLE search_index USING fts5(
    entity_type UNINDEXED,
    entity_id UNINDEXED,
    group_id UNINDEXED,
    searchable_text,
    tokenize = 'porter unicode61'
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users(id),
    active_group_id TEXT NOT NULL REFERENCES groups(id),
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
);

CREATE TABLE settings (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

CREATE TABLE user_groups (
    user_id TEXT NOT NULL REFERENCES users(id),
    group_id TEXT NOT NULL REFERENCES groups(id),
    role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'member')),
    PRIMARY KEY (user_id, group_id)
);

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    external_id TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
, password_hash TEXT, is_admin INTEGER NOT NULL DEFAULT 0);

CREATE INDEX idx_containers_group ON containers(group_id);

CREATE INDEX idx_containers_parent_container ON containers(parent_container_id);

CREATE INDEX idx_containers_parent_location ON containers(parent_location_id);

CREATE INDEX idx_items_container ON items(container_id);

CREATE INDEX idx_items_group ON items(group_id);

CREATE INDEX idx_items_location ON items(location_id);

CREATE INDEX idx_locations_group ON locations(group_id);

CREATE INDEX idx_locations_parent ON locations(parent_id);

CREATE INDEX idx_nfc_tags_group ON nfc_tags(group_id);

CREATE INDEX idx_nfc_tags_uri ON nfc_tags(tag_uri);

CREATE INDEX idx_photos_entity ON photos(entity_type, entity_id);

CREATE INDEX idx_photos_storage_key ON photos(storage_key);

CREATE INDEX idx_sessions_expires ON sessions(expires_at);

CREATE INDEX idx_sessions_user ON sessions(user_id);

CREATE INDEX idx_users_external_id ON users(external_id);
