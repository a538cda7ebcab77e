-- Devices that wait to be let in by a person with a browser (RFC 8628). A row lives for minutes.
CREATE TABLE pairing (
    -- SHA-256 of what the device alone knows.
    secret BLOB NOT NULL PRIMARY KEY,
    -- What the person types, under a key of the server's.
    code BLOB NOT NULL,
    -- The program that asks, and what people call the device.
    client TEXT NOT NULL,
    name TEXT NOT NULL,
    device BLOB NOT NULL,
    -- Empty where the device has no key.
    device_key BLOB NOT NULL,
    -- From where it asked.
    address TEXT NOT NULL,
    created INTEGER NOT NULL,
    -- Seconds that it must wait before it asks again, and when it last did.
    pause INTEGER NOT NULL,
    polled INTEGER,
    -- When a person decided, the sign-in if it was a yes, and when the device heard of it.
    decided INTEGER,
    session BLOB,
    fetched INTEGER,
    CONSTRAINT pairing_code UNIQUE (code)
) STRICT;
