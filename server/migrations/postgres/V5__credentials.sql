-- What people prove themselves with besides a password, and what stands in for a person.

-- One second factor for each person: codes by time (RFC 6238).
CREATE TABLE second_factor (
    person uuid NOT NULL PRIMARY KEY REFERENCES person (id),
    -- Counts its changes: whoever changes it names what they read.
    version bigint NOT NULL,
    -- Its secret under the master key.
    wrapped bytea NOT NULL,
    -- When a first code showed that the person has it; until then it asks nobody for anything.
    confirmed bigint,
    -- The step whose code was used last.
    step bigint NOT NULL,
    -- Digests of the recovery codes that are not used yet, 32 bytes each.
    codes bytea NOT NULL,
    created bigint NOT NULL
);

-- What is to be done on the device of such a sign-in is more than to sign in anew.
ALTER TABLE session ADD COLUMN revoked bigint;

-- When the device said that it had destroyed its key.
ALTER TABLE device ADD COLUMN destroyed bigint;

-- Enrolments of kiosks and access of scripts: whoever has the text may do what is written here.
CREATE TABLE pass (
    shop uuid NOT NULL REFERENCES shop (id),
    id uuid NOT NULL,
    kind text NOT NULL,
    -- Whose it is; none where it makes somebody.
    person uuid REFERENCES person (id),
    -- SHA-256 of its secret half.
    digest bytea NOT NULL,
    name text NOT NULL,
    -- The role that it makes a kiosk, or what it lets a script do.
    gives text NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL,
    used bigint,
    ended bigint,
    PRIMARY KEY (shop, id)
);

ALTER TABLE pass ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY pass_wall ON pass USING (shop = this_shop()) WITH CHECK (shop = this_shop());
