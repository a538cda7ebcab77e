-- What people prove themselves with besides a password, and what stands in for a person.

-- One second factor for each person: codes by time (RFC 6238).
CREATE TABLE second_factor (
    person BLOB NOT NULL PRIMARY KEY REFERENCES person (id),
    -- Counts its changes: whoever changes it names what they read.
    version INTEGER NOT NULL,
    -- Its secret under the master key.
    wrapped BLOB NOT NULL,
    -- When a first code showed that the person has it; until then it asks nobody for anything.
    confirmed INTEGER,
    -- The step whose code was used last.
    step INTEGER NOT NULL,
    -- Digests of the recovery codes that are not used yet, 32 bytes each.
    codes BLOB NOT NULL,
    created INTEGER NOT NULL
) STRICT;

-- What is to be done on the device of such a sign-in is more than to sign in anew.
ALTER TABLE session ADD COLUMN revoked INTEGER;

-- When the device said that it had destroyed its key.
ALTER TABLE device ADD COLUMN destroyed INTEGER;

-- Enrolments of kiosks and access of scripts: whoever has the text may do what is written here.
CREATE TABLE pass (
    shop BLOB NOT NULL REFERENCES shop (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- Whose it is; none where it makes somebody.
    person BLOB REFERENCES person (id),
    -- SHA-256 of its secret half.
    digest BLOB NOT NULL,
    name TEXT NOT NULL,
    -- The role that it makes a kiosk, or what it lets a script do.
    gives TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER,
    ended INTEGER,
    PRIMARY KEY (shop, id)
) STRICT, WITHOUT ROWID;
