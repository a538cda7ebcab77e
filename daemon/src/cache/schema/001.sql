-- The confirmed documents, byte for byte as the API sent them. Never edited in place.
CREATE TABLE documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, id)
);

-- The pulled timeline, byte for byte. Kind and id are null where the payload was erased.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    kind TEXT,
    id TEXT,
    salt TEXT NOT NULL,
    hash TEXT NOT NULL,
    payload BLOB NOT NULL
);
CREATE INDEX events_of ON events (kind, id, seq);

-- What was saved here, byte for byte as it is sent. `place` is the order on this machine over
-- changes of the device id. `happening` is the local line of the timeline. `seq` and `verdict`
-- come with the API's outcome, or `seq` with the pulled event if that is faster.
CREATE TABLE outbox (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL,
    number INTEGER NOT NULL,
    grp INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    bytes BLOB NOT NULL,
    happening BLOB NOT NULL,
    seq INTEGER,
    verdict TEXT,
    acked_at INTEGER,
    UNIQUE (device, number)
);
CREATE INDEX outbox_open ON outbox (place) WHERE acked_at IS NULL;
CREATE INDEX outbox_of ON outbox (kind, id);

-- What the API refused, kept until a person decides.
CREATE TABLE quarantine (
    place INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    number INTEGER NOT NULL,
    grp INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    bytes BLOB NOT NULL,
    happening BLOB NOT NULL,
    refusal BLOB NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX quarantine_of ON quarantine (kind, id);

-- Single values; `sentinel` proves that the file is whole and ours.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('sentinel', CAST('redtag cache' AS BLOB));
