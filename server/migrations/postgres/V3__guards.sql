-- What was told can be emptied and nothing else: the digest that is left is that of what stood there,
-- and of a payload that is empty nothing can be changed.
CREATE FUNCTION only_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its bytea;
BEGIN
    SELECT salt INTO its FROM event WHERE shop = old.shop AND seq = old.seq;
    IF new.body = '{}' AND new.seq = old.seq AND new.shop = old.shop AND old.digest IS NULL
        AND new.digest = sha256(int8send(octet_length(its)) || its || convert_to(old.body, 'UTF8'))
    THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'a payload can only be emptied'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

DROP TRIGGER payload_only_emptied ON payload;
CREATE TRIGGER payload_only_emptied BEFORE UPDATE ON payload FOR EACH ROW
EXECUTE FUNCTION only_emptied();

-- A server of the first schema that is still running writes documents without what is known of them
-- beside the body. It is told that the database is busy: its benches wait and lose nothing, and are
-- served as soon as a server of today takes its place.
CREATE FUNCTION older_server() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an older redtag-server still runs on this database: stop it'
        USING ERRCODE = 'lock_not_available';
END $$;

ALTER TABLE document ALTER COLUMN open DROP DEFAULT;
CREATE TRIGGER document_indexed BEFORE INSERT ON document FOR EACH ROW
WHEN (new.open IS NULL) EXECUTE FUNCTION older_server();
