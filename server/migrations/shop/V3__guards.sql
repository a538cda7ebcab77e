-- What was told can be emptied and nothing else: of a payload that is empty its digest cannot be put
-- in the place of the one that the chain was made of.
DROP TRIGGER payload_only_emptied;

CREATE TRIGGER payload_only_emptied BEFORE UPDATE ON payload
WHEN new.body <> '{}' OR new.seq <> old.seq OR new.shop <> old.shop
    OR old.digest IS NOT NULL OR new.digest IS NULL OR length(new.digest) <> 32
BEGIN
    SELECT raise(ABORT, 'a payload can only be emptied');
END;
