-- A body may be stored packed: a fifth of the room, and as many fewer pages to read and write. Those
-- that are there stay as they are until they change.
CREATE TABLE document_4 (
    shop BLOB NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    -- The sequence of the last change.
    version INTEGER NOT NULL,
    -- Of an inspection: whether there is work to do, and what it names. All of it is in the body too.
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    vehicle BLOB,
    customer BLOB,
    -- A text, or a text that is packed.
    body ANY NOT NULL CHECK (typeof(body) IN ('text', 'blob')),
    PRIMARY KEY (shop, kind, id)
) STRICT;

INSERT INTO document_4 (shop, kind, id, version, open, vehicle, customer, body)
SELECT shop, kind, id, version, open, vehicle, customer, body FROM document ORDER BY rowid;

DROP TABLE document;
ALTER TABLE document_4 RENAME TO document;

CREATE UNIQUE INDEX document_version ON document (shop, version);
CREATE INDEX document_open ON document (shop, id) WHERE open = 1;
CREATE INDEX document_vehicle ON document (shop, vehicle) WHERE vehicle IS NOT NULL;
CREATE INDEX document_customer ON document (shop, customer) WHERE customer IS NOT NULL;
