-- Confirmed documents get a compact key, a packed body and a generation, so that a copy can be
-- built anew beside the one that is shown. Rows are appended under their number and found by one
-- small index: measured against a table without row numbers that costs a fifth to a half of the
-- bytes written, for bodies of about a kilobyte that come in no order.
--
-- `key` is a blob of the kind's number and the sixteen bytes of the id, or for a kind that this
-- program does not know the text of kind and id with a zero between them.
ALTER TABLE documents RENAME TO documents_001;
CREATE TABLE documents (
    place INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    key NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX documents_of ON documents (generation, key);

-- The pulled timeline. The payload is packed; an empty key stands where it cannot be told what an
-- event is about. Salt and hash are bytes, or text where they are not what this program knows.
DROP INDEX events_of;
ALTER TABLE events RENAME TO events_001;
CREATE TABLE events (
    place INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    key NOT NULL,
    seq INTEGER NOT NULL,
    salt NOT NULL,
    hash NOT NULL,
    payload BLOB NOT NULL
);
CREATE UNIQUE INDEX events_of ON events (generation, key, seq);

-- The documents whose timeline was fetched whole, beyond those whose first event was pulled.
CREATE TABLE timelines (
    generation INTEGER NOT NULL,
    key NOT NULL,
    PRIMARY KEY (generation, key)
) WITHOUT ROWID;

-- Documents that the API has deleted while edits of this machine wait on them.
CREATE TABLE gone (
    key NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;

-- Operations of other caches that were taken over from an export.
CREATE TABLE adopted (
    device TEXT NOT NULL,
    number INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    PRIMARY KEY (device, number, stamp)
) WITHOUT ROWID;

-- `covered`: the confirmed document that is shown holds its effect. It cannot be told by comparing
-- `seq` alone, for a database that was restored counts anew.
ALTER TABLE outbox ADD COLUMN covered INTEGER NOT NULL DEFAULT 0;
DROP INDEX outbox_open;
CREATE INDEX outbox_open ON outbox (place) WHERE covered = 0;
