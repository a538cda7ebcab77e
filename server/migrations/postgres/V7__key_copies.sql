-- Copies of the keys of benches' caches, for benches that forget their keys with the power.

CREATE TABLE key_copy (
    shop uuid NOT NULL REFERENCES shop (id),
    -- The bench's own name for it.
    id uuid NOT NULL,
    person uuid NOT NULL REFERENCES person (id),
    -- The device that kept it last.
    device uuid NOT NULL,
    -- The key under the master key.
    wrapped bytea NOT NULL,
    -- When it was kept last.
    created bigint NOT NULL,
    PRIMARY KEY (shop, id)
);

ALTER TABLE key_copy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY key_copy_wall ON key_copy USING (shop = this_shop()) WITH CHECK (shop = this_shop());
