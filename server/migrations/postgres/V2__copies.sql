-- What a bench that begins is given first, what a deletion leaves behind, and how many documents
-- there are.

-- Of an inspection: whether there is work to do, and what it names. All of it is in the body too.
ALTER TABLE document ADD COLUMN open bigint NOT NULL DEFAULT 0 CHECK (open IN (0, 1));
ALTER TABLE document ADD COLUMN vehicle uuid;
ALTER TABLE document ADD COLUMN customer uuid;

-- A body that cannot be read names nothing. This server's JSON has no NUL, and ours may.
CREATE FUNCTION part_of(body text, path text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN body::json #>> path;
EXCEPTION
    WHEN untranslatable_character THEN
        BEGIN
            RETURN replace(body, '\u0000', '')::json #>> path;
        EXCEPTION WHEN others THEN
            RETURN NULL;
        END;
    WHEN others THEN
        RETURN NULL;
END $$;

CREATE FUNCTION id_in(body text, path text[]) RETURNS uuid LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN part_of(body, path)::uuid;
EXCEPTION WHEN others THEN
    RETURN NULL;
END $$;

-- The wall stands before the owner too, who is no shop's. Nobody else can touch the table before
-- this is committed and the wall is back.
ALTER TABLE document NO FORCE ROW LEVEL SECURITY;

UPDATE document SET
    open = CASE WHEN part_of(body, '{state,v}') NOT IN ('closed', 'void') THEN 1 ELSE 0 END,
    vehicle = id_in(body, '{vehicle}'),
    customer = id_in(body, '{customer,v}')
WHERE kind = 'inspection';

ALTER TABLE document FORCE ROW LEVEL SECURITY;

DROP FUNCTION part_of(text, text[]);
DROP FUNCTION id_in(text, text[]);

CREATE INDEX document_open ON document (shop, id) WHERE open = 1;
CREATE INDEX document_vehicle ON document (shop, vehicle) WHERE vehicle IS NOT NULL;
CREATE INDEX document_customer ON document (shop, customer) WHERE customer IS NOT NULL;

-- A document's timeline.
CREATE INDEX event_entity ON event (shop, kind, id, seq);

-- Of a payload that was emptied: what its salted digest was, by which the chain is followed.
ALTER TABLE payload ADD COLUMN digest bytea;

-- An erased document leaves no body; a deleted one does, so that an edit that meets the deletion can
-- undo it.
ALTER TABLE tombstone ADD COLUMN erased bigint NOT NULL DEFAULT 0 CHECK (erased IN (0, 1));
ALTER TABLE tombstone ADD COLUMN body text;
CREATE INDEX tombstone_age ON tombstone (shop, at);

-- How many documents there were at the sequence `summed`, and the sum of their hashes; unknown where
-- that is not the head's. A program that does not know of them leaves them behind.
ALTER TABLE head ADD COLUMN summed bigint;
ALTER TABLE head ADD COLUMN documents bigint;
ALTER TABLE head ADD COLUMN sum bytea;
