-- The whole database: what spans shops, and the shops behind their wall. Run by the owner role with
-- its schema first in the search path. Times are milliseconds since 1970; numbers that never pass
-- 2^63 are bigint; bodies are text, kept byte for byte. Text in a key, and text by which rows are
-- put in order, is compared by its bytes (COLLATE "C"): no upgrade of the system's languages breaks
-- an index, and the order is the embedded engine's.
--
-- The wall: every table with a column `shop` has row-level security, forced upon the owner too.
-- A transaction says for which shop it is (`app.shop_id`), or, where no shop is known yet, for which
-- person (`app.person_id`) or sign-in (`app.session_id`); with nothing said it sees nothing. Keys
-- begin with the shop, for uniqueness and references are checked past the wall.

-- What the transaction said. A setting that was local to an earlier transaction reads as ''.
CREATE FUNCTION this_shop() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.shop_id', true), '')::uuid;

CREATE FUNCTION this_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.person_id', true), '')::uuid;

CREATE FUNCTION this_session() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.session_id', true), '')::uuid;

-- Only the operator's list and the jobs ask for all shops. Every row of `shop` is then seen, with its
-- wrapped key, which opens nothing without the master key; nothing of what is inside a shop is.
CREATE FUNCTION every_shop() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('app.every_shop', true), '') = 'on';

---------------------------------------------------------------------------------------------------
-- Beside the shops

CREATE TABLE meta (
    only_row smallint NOT NULL PRIMARY KEY CHECK (only_row = 1),
    epoch bigint NOT NULL
);

CREATE TABLE person (
    id uuid NOT NULL PRIMARY KEY,
    email text NOT NULL,
    -- The address in lower case: what makes it unique.
    email_key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    password text NOT NULL,
    created bigint NOT NULL,
    CONSTRAINT person_email UNIQUE (email_key)
);

CREATE TABLE secret (
    -- By bytes: the same order on every server, whatever its language.
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    purpose text NOT NULL,
    wrapped bytea NOT NULL,
    created bigint NOT NULL
);

-- Where the data came from, if it was moved here from an embedded server: one row from the move's
-- beginning on. Until it is finished nothing may be served from this database. The app role reads
-- it, inserts it and updates `finished`.
CREATE TABLE arrival (
    only_row smallint NOT NULL PRIMARY KEY CHECK (only_row = 1),
    -- That server's epoch, which this database goes on with.
    epoch bigint NOT NULL,
    -- Drawn for this arrival alone. The source says it too once it is left, so that of two databases
    -- that were begun from one source only one is ever finished.
    mark uuid NOT NULL,
    begun bigint NOT NULL,
    finished bigint
);

---------------------------------------------------------------------------------------------------
-- Who belongs where

CREATE TABLE shop (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    -- The key of the shop's data under the master key.
    wrapped_key bytea NOT NULL,
    created bigint NOT NULL,
    ready smallint NOT NULL DEFAULT 0 CHECK (ready IN (0, 1))
);

-- Which shops to ask when a person signs in; the shop's own member document is the authority.
CREATE TABLE membership (
    shop uuid NOT NULL REFERENCES shop (id),
    person uuid NOT NULL REFERENCES person (id),
    PRIMARY KEY (shop, person)
);

CREATE INDEX membership_person ON membership (person);

CREATE TABLE device (
    shop uuid NOT NULL REFERENCES shop (id),
    id uuid NOT NULL,
    person uuid NOT NULL REFERENCES person (id),
    name text NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (shop, id)
);

CREATE TABLE session (
    shop uuid NOT NULL REFERENCES shop (id),
    id uuid NOT NULL,
    person uuid NOT NULL REFERENCES person (id),
    device uuid NOT NULL,
    device_key bytea NOT NULL,
    generation bigint NOT NULL,
    created bigint NOT NULL,
    used bigint NOT NULL,
    ended bigint,
    PRIMARY KEY (shop, id)
);

-- Not unique: that would tell one shop of another's sign-ins. The ids are drawn by the server.
CREATE INDEX session_id ON session (id);
CREATE INDEX session_person ON session (person, shop);

---------------------------------------------------------------------------------------------------
-- Inside a shop

-- How far the shop is. Locked by the writer until its commit; written last.
CREATE TABLE head (
    shop uuid NOT NULL PRIMARY KEY REFERENCES shop (id),
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    ticket bigint NOT NULL,
    -- Cursors before this may have missed a tombstone.
    floor bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE FUNCTION head_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the head never goes back' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER head_forward BEFORE UPDATE ON head FOR EACH ROW
WHEN (new.seq < old.seq OR new.ticket < old.ticket OR new.floor < old.floor OR new.shop <> old.shop)
EXECUTE FUNCTION head_forward();

CREATE TABLE document (
    shop uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    -- The sequence of the last change.
    version bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (shop, kind, id)
);

CREATE UNIQUE INDEX document_version ON document (shop, version);

-- A body is JSON of some kilobytes and written anew at each change. Compressed it fits into its row,
-- so that a change writes one row and not also the pieces of a body beside it.
ALTER TABLE document ALTER COLUMN body SET STORAGE MAIN;
ALTER TABLE document SET (toast_tuple_target = 8160);

-- Compressing so takes a quarter of the time that the server's own way takes, for the same size;
-- that is a fifth of a whole change. A server that was built without it goes on in its own way.
DO $$
BEGIN
    ALTER TABLE document ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END $$;

CREATE TABLE event (
    shop uuid NOT NULL,
    seq bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    salt bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (shop, seq)
);

-- Apart from the event, so that erasing a customer's data leaves the chain whole.
CREATE TABLE payload (
    shop uuid NOT NULL,
    seq bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (shop, seq),
    FOREIGN KEY (shop, seq) REFERENCES event (shop, seq)
);

CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER event_kept BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION kept();
CREATE TRIGGER payload_kept BEFORE DELETE ON payload FOR EACH ROW EXECUTE FUNCTION kept();
CREATE TRIGGER payload_only_emptied BEFORE UPDATE ON payload FOR EACH ROW
WHEN (new.body <> '{}' OR new.seq <> old.seq OR new.shop <> old.shop)
EXECUTE FUNCTION kept();

-- What became of each numbered operation, for replays; forgotten after 45 days.
CREATE TABLE outcome (
    shop uuid NOT NULL,
    device uuid NOT NULL,
    number bigint NOT NULL,
    digest bytea NOT NULL,
    body text NOT NULL,
    -- The document whose creation was refused, if that is what happened.
    refused_kind text COLLATE "C",
    refused_id uuid,
    at bigint NOT NULL,
    PRIMARY KEY (shop, device, number)
);

CREATE INDEX outcome_age ON outcome (shop, at);
CREATE INDEX outcome_refused ON outcome (shop, device, refused_kind, refused_id)
WHERE refused_id IS NOT NULL;

-- The highest decided number of each device; outlives the outcomes.
CREATE TABLE counted (
    shop uuid NOT NULL,
    device uuid NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (shop, device)
) WITH (fillfactor = 50);

-- Deleted documents, kept 180 days. Nothing writes here yet.
CREATE TABLE tombstone (
    shop uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (shop, kind, id)
);

CREATE UNIQUE INDEX tombstone_version ON tombstone (shop, version);

---------------------------------------------------------------------------------------------------
-- The wall. Each policy names the roles by PUBLIC: who may touch a table at all is a grant, given
-- beside the migrations, so that the app role's name is the operator's choice.

ALTER TABLE shop ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY shop_seen ON shop FOR SELECT
    USING (id = this_shop() OR every_shop() OR id IN (SELECT membership.shop FROM membership));
CREATE POLICY shop_made ON shop FOR INSERT WITH CHECK (id = this_shop());
CREATE POLICY shop_changed ON shop FOR UPDATE
    USING (id = this_shop()) WITH CHECK (id = this_shop());

ALTER TABLE membership ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY membership_seen ON membership FOR SELECT
    USING (shop = this_shop() OR person = this_person());
CREATE POLICY membership_made ON membership FOR INSERT WITH CHECK (shop = this_shop());
CREATE POLICY membership_ended ON membership FOR DELETE USING (shop = this_shop());

ALTER TABLE session ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY session_seen ON session FOR SELECT
    USING (shop = this_shop() OR id = this_session() OR person = this_person());
CREATE POLICY session_made ON session FOR INSERT WITH CHECK (shop = this_shop());
CREATE POLICY session_changed ON session FOR UPDATE
    USING (shop = this_shop() OR id = this_session() OR person = this_person())
    WITH CHECK (shop = this_shop() OR id = this_session() OR person = this_person());

ALTER TABLE device ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY device_wall ON device USING (shop = this_shop()) WITH CHECK (shop = this_shop());

ALTER TABLE head ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY head_wall ON head USING (shop = this_shop()) WITH CHECK (shop = this_shop());

ALTER TABLE document ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY document_wall ON document USING (shop = this_shop()) WITH CHECK (shop = this_shop());

ALTER TABLE event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY event_wall ON event USING (shop = this_shop()) WITH CHECK (shop = this_shop());

ALTER TABLE payload ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY payload_wall ON payload USING (shop = this_shop()) WITH CHECK (shop = this_shop());

ALTER TABLE outcome ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY outcome_wall ON outcome USING (shop = this_shop()) WITH CHECK (shop = this_shop());

ALTER TABLE counted ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY counted_wall ON counted USING (shop = this_shop()) WITH CHECK (shop = this_shop());

ALTER TABLE tombstone ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tombstone_wall ON tombstone
    USING (shop = this_shop()) WITH CHECK (shop = this_shop());
