-- What spans shops. Times are milliseconds since 1970, ids sixteen bytes.

CREATE TABLE meta (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    epoch INTEGER NOT NULL
) STRICT;

CREATE TABLE person (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- The address in lower case: what makes it unique.
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    created INTEGER NOT NULL,
    CONSTRAINT person_email UNIQUE (email_key)
) STRICT;

CREATE TABLE shop (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- The key of the shop's data under the master key. Destroying it destroys the shop.
    wrapped_key BLOB NOT NULL,
    created INTEGER NOT NULL,
    ready INTEGER NOT NULL DEFAULT 0 CHECK (ready IN (0, 1))
) STRICT;

-- Which shops to ask when a person signs in; the shop's own member document is the authority.
CREATE TABLE membership (
    person BLOB NOT NULL REFERENCES person (id),
    shop BLOB NOT NULL REFERENCES shop (id),
    PRIMARY KEY (person, shop)
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    shop BLOB NOT NULL REFERENCES shop (id),
    id BLOB NOT NULL,
    person BLOB NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (shop, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    shop BLOB NOT NULL REFERENCES shop (id),
    device BLOB NOT NULL,
    device_key BLOB NOT NULL,
    generation INTEGER NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL,
    ended INTEGER
) STRICT;

CREATE INDEX session_person ON session (shop, person);

CREATE TABLE secret (
    name TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    created INTEGER NOT NULL
) STRICT;
