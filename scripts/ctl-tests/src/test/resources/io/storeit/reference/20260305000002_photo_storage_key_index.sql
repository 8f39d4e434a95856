CREATE INDEX idx_photos_storage_key ON photos(storage_key);
