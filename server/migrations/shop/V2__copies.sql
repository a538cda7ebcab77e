-- What a bench that begins is given first, what a deletion leaves behind, and how many documents
-- there are.

-- The columns that are looked at without the body stand before it: a body that is not wanted is then
-- not read.
CREATE TABLE document_2 (
    shop BLOB NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    -- The sequence of the last change.
    version INTEGER NOT NULL,
    -- Of an inspection: whether there is work to do, and what it names. All of it is in the body too.
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    vehicle BLOB,
    customer BLOB,
    body TEXT NOT NULL,
    PRIMARY KEY (shop, kind, id)
) STRICT;

INSERT INTO document_2 (shop, kind, id, version, open, vehicle, customer, body)
SELECT shop, kind, id, version,
    CASE WHEN kind = 'inspection' AND json_valid(body)
        THEN coalesce(json_extract(body, '$.state.v') NOT IN ('closed', 'void'), 0) ELSE 0 END,
    CASE WHEN kind = 'inspection' AND json_valid(body)
        THEN unhex(replace(json_extract(body, '$.vehicle'), '-', '')) END,
    CASE WHEN kind = 'inspection' AND json_valid(body)
        THEN unhex(replace(json_extract(body, '$.customer.v'), '-', '')) END,
    body
FROM document ORDER BY rowid;

DROP TABLE document;
ALTER TABLE document_2 RENAME TO document;

CREATE UNIQUE INDEX document_version ON document (shop, version);
CREATE INDEX document_open ON document (shop, id) WHERE open = 1;
CREATE INDEX document_vehicle ON document (shop, vehicle) WHERE vehicle IS NOT NULL;
CREATE INDEX document_customer ON document (shop, customer) WHERE customer IS NOT NULL;

-- A document's timeline.
CREATE INDEX event_entity ON event (shop, kind, id, seq);

-- Of a payload that was emptied: what its salted digest was, by which the chain is followed.
ALTER TABLE payload ADD COLUMN digest BLOB;

-- An erased document leaves no body; a deleted one does, so that an edit that meets the deletion can
-- undo it.
ALTER TABLE tombstone ADD COLUMN erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1));
ALTER TABLE tombstone ADD COLUMN body TEXT;
CREATE INDEX tombstone_age ON tombstone (shop, at);

-- How many documents there were at the sequence `summed`, and the sum of their hashes; unknown where
-- that is not the head's. A program that does not know of them leaves them behind.
ALTER TABLE head ADD COLUMN summed INTEGER;
ALTER TABLE head ADD COLUMN documents INTEGER;
ALTER TABLE head ADD COLUMN sum BLOB;
