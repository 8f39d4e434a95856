CREATE VIRTUAL TABLE search_index USING fts5(
    entity_type UNINDEXED,
    entity_id UNINDEXED,
    group_id UNINDEXED,
    searchable_text,
    tokenize = 'porter unicode61'
);
