-- Who signs in with an account of somebody else's (OpenID Connect).

CREATE TABLE identity (
    -- The provider, and the person there.
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person BLOB NOT NULL REFERENCES person (id),
    created INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject),
    -- An address that somebody else has now leads to nobody's account.
    UNIQUE (person, issuer)
) STRICT, WITHOUT ROWID;
