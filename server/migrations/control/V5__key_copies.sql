-- Copies of the keys of benches' caches, for benches that forget their keys with the power.

CREATE TABLE key_copy (
    shop BLOB NOT NULL REFERENCES shop (id),
    -- The bench's own name for it.
    id BLOB NOT NULL,
    person BLOB NOT NULL REFERENCES person (id),
    -- The device that kept it last.
    device BLOB NOT NULL,
    -- The key under the master key.
    wrapped BLOB NOT NULL,
    -- When it was kept last.
    created INTEGER NOT NULL,
    PRIMARY KEY (shop, id)
) STRICT, WITHOUT ROWID;
