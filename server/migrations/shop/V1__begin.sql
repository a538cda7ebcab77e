-- One shop. Every key begins with the shop although the file holds only one: the same statements
-- run where shops share tables.

-- How far the shop is. Locked by the writer until its commit; written last.
CREATE TABLE head (
    shop BLOB NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    ticket INTEGER NOT NULL,
    -- Cursors before this may have missed a tombstone.
    floor INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TRIGGER head_forward BEFORE UPDATE ON head
WHEN new.seq < old.seq OR new.ticket < old.ticket OR new.floor < old.floor OR new.shop <> old.shop
BEGIN
    SELECT raise(ABORT, 'the head never goes back');
END;

CREATE TABLE document (
    shop BLOB NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    -- The sequence of the last change.
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (shop, kind, id)
) STRICT;

CREATE UNIQUE INDEX document_version ON document (shop, version);

CREATE TABLE event (
    shop BLOB NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    salt BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (shop, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER event_fixed BEFORE UPDATE ON event
BEGIN
    SELECT raise(ABORT, 'events are append-only');
END;

CREATE TRIGGER event_kept BEFORE DELETE ON event
BEGIN
    SELECT raise(ABORT, 'events are append-only');
END;

-- Apart from the event, so that erasing a customer's data leaves the chain whole.
CREATE TABLE payload (
    shop BLOB NOT NULL,
    seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (shop, seq),
    FOREIGN KEY (shop, seq) REFERENCES event (shop, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER payload_only_emptied BEFORE UPDATE ON payload
WHEN new.body <> '{}' OR new.seq <> old.seq OR new.shop <> old.shop
BEGIN
    SELECT raise(ABORT, 'a payload can only be emptied');
END;

CREATE TRIGGER payload_kept BEFORE DELETE ON payload
BEGIN
    SELECT raise(ABORT, 'a payload can only be emptied');
END;

-- What became of each numbered operation, for replays; forgotten after 45 days.
CREATE TABLE outcome (
    shop BLOB NOT NULL,
    device BLOB NOT NULL,
    number INTEGER NOT NULL,
    digest BLOB NOT NULL,
    body TEXT NOT NULL,
    -- The document whose creation was refused, if that is what happened.
    refused_kind TEXT,
    refused_id BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (shop, device, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX outcome_age ON outcome (shop, at);
CREATE INDEX outcome_refused ON outcome (shop, device, refused_kind, refused_id)
WHERE refused_id IS NOT NULL;

-- The highest decided number of each device; outlives the outcomes.
CREATE TABLE counted (
    shop BLOB NOT NULL,
    device BLOB NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (shop, device)
) STRICT, WITHOUT ROWID;

-- Deleted documents, kept 180 days. Nothing writes here yet.
CREATE TABLE tombstone (
    shop BLOB NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (shop, kind, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX tombstone_version ON tombstone (shop, version);
