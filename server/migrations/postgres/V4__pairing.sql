-- Devices that wait to be let in by a person with a browser (RFC 8628). A row lives for minutes, and
-- is nobody's: it is found by a secret alone, and names no shop.
CREATE TABLE pairing (
    -- SHA-256 of what the device alone knows.
    secret bytea NOT NULL PRIMARY KEY,
    -- What the person types, under a key of the server's.
    code bytea NOT NULL,
    -- The program that asks, and what people call the device.
    client text NOT NULL,
    name text NOT NULL,
    device uuid NOT NULL,
    -- Empty where the device has no key.
    device_key bytea NOT NULL,
    -- From where it asked.
    address text NOT NULL,
    created bigint NOT NULL,
    -- Seconds that it must wait before it asks again, and when it last did.
    pause bigint NOT NULL,
    polled bigint,
    -- When a person decided, the sign-in if it was a yes, and when the device heard of it.
    decided bigint,
    session uuid,
    fetched bigint,
    CONSTRAINT pairing_code UNIQUE (code)
);
