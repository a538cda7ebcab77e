-- Who signs in with an account of somebody else's (OpenID Connect).

CREATE TABLE identity (
    -- The provider, and the person there. Compared byte for byte, on either engine.
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    person uuid NOT NULL REFERENCES person (id),
    created bigint NOT NULL,
    PRIMARY KEY (issuer, subject),
    -- An address that somebody else has now leads to nobody's account.
    UNIQUE (person, issuer)
);
