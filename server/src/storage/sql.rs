//! Every query's text, once for all engines. Parameters are bound by name: `$1` binds by first
//! appearance on one of them and would swap arguments without a word.

/// Names texts and lists them all, so that what is proven of every text is proven of a new one too.
macro_rules! texts {
    ($($(#[$note:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$note])* pub const $name: &str = $text;)*

        /// Every text here, by name.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

/// Over all shops.
pub mod control {
    texts! {
        EPOCH = "SELECT epoch FROM meta WHERE only_row = 1";
        EPOCH_DRAW = "INSERT INTO meta (only_row, epoch) \
             VALUES (1, :epoch) ON CONFLICT DO NOTHING";

        PERSON = "SELECT id, email, name, password, created FROM person WHERE id = :id";
        PERSON_BY_EMAIL = "SELECT id, email, name, password, created FROM person \
             WHERE email_key = :email_key";
        PERSON_CREATE = "INSERT INTO person (id, email, email_key, name, password, created) \
             VALUES (:id, :email, :email_key, :name, :password, :created) ON CONFLICT DO NOTHING";
        PERSON_PASSWORD = "UPDATE person SET password = :password WHERE id = :id";
        PERSON_REHASH = "UPDATE person SET password = :password \
             WHERE id = :id AND password = :former";

        IDENTITY = "SELECT issuer, subject, person, created FROM identity \
             WHERE issuer = :issuer AND subject = :subject";
        IDENTITY_LINK = "INSERT INTO identity (issuer, subject, person, created) \
             VALUES (:issuer, :subject, :person, :created) ON CONFLICT DO NOTHING";
        IDENTITIES_UNLINK = "DELETE FROM identity WHERE person = :person";

        SECOND_FACTOR = "SELECT person, version, wrapped, confirmed, step, codes, created \
             FROM second_factor WHERE person = :person";
        SECOND_FACTOR_BEGIN = "INSERT INTO second_factor \
             (person, version, wrapped, confirmed, step, codes, created) VALUES \
             (:person, :version, :wrapped, :confirmed, :step, :codes, :created) \
             ON CONFLICT DO NOTHING";
        SECOND_FACTOR_CHANGE = "UPDATE second_factor SET version = :version, \
             wrapped = :wrapped, confirmed = :confirmed, step = :step, codes = :codes \
             WHERE person = :person AND version = :former";
        SECOND_FACTOR_REMOVE = "DELETE FROM second_factor \
             WHERE person = :person AND version = :version";

        SHOP_CREATE = "INSERT INTO shop (id, name, wrapped_key, created, ready) \
             VALUES (:id, :name, :wrapped_key, :created, 0) ON CONFLICT DO NOTHING";
        SHOP_READY = "UPDATE shop SET ready = 1 WHERE id = :id";
        SHOP_KEY = "SELECT wrapped_key, ready FROM shop WHERE id = :id";
        SHOP = "SELECT id, name, created FROM shop WHERE id = :id AND ready = 1";
        SHOPS = "SELECT id, name, created FROM shop WHERE ready = 1 ORDER BY name, id";

        MEMBERSHIP_ADD = "INSERT INTO membership (person, shop) VALUES (:person, :shop) \
             ON CONFLICT DO NOTHING";
        MEMBERSHIP_REMOVE = "DELETE FROM membership WHERE person = :person AND shop = :shop";
        MEMBERSHIPS = "SELECT shop.id, shop.name, shop.created FROM membership \
             JOIN shop ON shop.id = membership.shop \
             WHERE membership.person = :person AND shop.ready = 1 ORDER BY shop.name, shop.id";

        DEVICE_REGISTER = "INSERT INTO device (shop, id, person, name, created) \
             VALUES (:shop, :id, :person, :name, :created) \
             ON CONFLICT (shop, id) DO UPDATE SET name = excluded.name \
             WHERE device.person = excluded.person";
        DEVICE = "SELECT shop, id, person, name, created, destroyed FROM device \
             WHERE shop = :shop AND id = :id";
        DEVICES = "SELECT shop, id, person, name, created, destroyed FROM device \
             WHERE shop = :shop ORDER BY id";
        DEVICE_DESTROYED = "UPDATE device SET destroyed = :at \
             WHERE shop = :shop AND id = :id AND destroyed IS NULL";

        SESSION_CREATE = "INSERT INTO session \
             (id, person, shop, device, device_key, generation, created, used, ended) VALUES \
             (:id, :person, :shop, :device, :device_key, :generation, :created, :used, :ended) \
             ON CONFLICT DO NOTHING";
        SESSION = "SELECT id, person, shop, device, device_key, \
             generation, created, used, ended, revoked FROM session WHERE id = :id";
        SESSIONS = "SELECT id, person, shop, device, device_key, \
             generation, created, used, ended, revoked FROM session \
             WHERE shop = :shop AND ended IS NULL ORDER BY created DESC, id";
        SESSION_REVOKE = "UPDATE session SET revoked = :at, ended = coalesce(ended, :at) \
             WHERE shop = :shop AND id = :id AND revoked IS NULL";
        SESSION_ADVANCE = "UPDATE session SET generation = :to_generation, used = :at \
             WHERE id = :id AND generation = :from_generation AND ended IS NULL";
        SESSION_DEVICE = "UPDATE session SET device = :device WHERE id = :id AND ended IS NULL";
        SESSION_END = "UPDATE session SET ended = :at WHERE id = :id AND ended IS NULL";
        SESSIONS_END_ALL = "UPDATE session SET ended = :at WHERE person = :person AND ended IS NULL";
        // Only for whoever has just set this hash, which holds a salt and so is nobody else's.
        SESSIONS_END_BY = "UPDATE session SET ended = :at FROM person \
             WHERE session.person = :person AND ended IS NULL \
             AND person.id = session.person AND person.password = :password \
             AND session.id IS DISTINCT FROM :keep";
        SESSIONS_END = "UPDATE session SET ended = :at \
             WHERE shop = :shop AND person = :person AND ended IS NULL";

        PAIRING_CREATE = "INSERT INTO pairing \
             (secret, code, client, name, device, device_key, address, created, pause) VALUES \
             (:secret, :code, :client, :name, :device, :device_key, :address, :created, :pause) \
             ON CONFLICT DO NOTHING";
        PAIRING = "SELECT secret, code, client, name, device, device_key, address, created, \
             pause, polled, decided, session, fetched FROM pairing WHERE secret = :secret";
        PAIRING_BY_CODE = "SELECT secret, code, client, name, device, device_key, address, \
             created, pause, polled, decided, session, fetched FROM pairing WHERE code = :code";
        // -1 stands for never: no engine compares with nothing.
        PAIRING_POLLED = "UPDATE pairing SET polled = :at, pause = :pause \
             WHERE secret = :secret AND coalesce(polled, -1) = :last";
        PAIRING_DECIDE = "UPDATE pairing SET decided = :at, session = :session \
             WHERE secret = :secret AND decided IS NULL";
        PAIRING_FETCHED = "UPDATE pairing SET fetched = :at \
             WHERE secret = :secret AND session IS NOT NULL AND fetched IS NULL";
        PAIRINGS_UNFETCHED = "SELECT session FROM pairing \
             WHERE created < :before AND session IS NOT NULL AND fetched IS NULL";
        PAIRINGS_FORGET = "DELETE FROM pairing WHERE created < :before";
        PASS_CREATE = "INSERT INTO pass \
             (shop, id, kind, person, digest, name, gives, created, expires, used, ended) VALUES \
             (:shop, :id, :kind, :person, :digest, :name, :gives, :created, :expires, :used, :ended) \
             ON CONFLICT DO NOTHING";
        PASS = "SELECT shop, id, kind, person, digest, name, gives, created, expires, used, ended \
             FROM pass WHERE shop = :shop AND id = :id";
        PASSES = "SELECT shop, id, kind, person, digest, name, gives, created, expires, used, ended \
             FROM pass WHERE shop = :shop ORDER BY created DESC, id";
        PASS_USE = "UPDATE pass SET used = :at \
             WHERE shop = :shop AND id = :id AND used IS NULL AND ended IS NULL";
        PASS_END = "UPDATE pass SET ended = :at \
             WHERE shop = :shop AND id = :id AND ended IS NULL";

        // Another person's stays as it is.
        KEY_COPY_PUT = "INSERT INTO key_copy (shop, id, person, device, wrapped, created) \
             VALUES (:shop, :id, :person, :device, :wrapped, :created) \
             ON CONFLICT (shop, id) DO UPDATE SET device = excluded.device, \
             wrapped = excluded.wrapped, created = excluded.created \
             WHERE key_copy.person = excluded.person";
        // The one that was just put comes first: it stays, whatever the clock of another process
        // said.
        KEY_COPIES_TRIM = "DELETE FROM key_copy \
             WHERE shop = :shop AND person = :person AND id NOT IN \
             (SELECT id FROM key_copy WHERE shop = :shop AND person = :person \
             ORDER BY id = :id DESC, created DESC, id DESC LIMIT :limit)";
        KEY_COPY = "SELECT shop, id, person, device, wrapped, created FROM key_copy \
             WHERE shop = :shop AND id = :id";
        KEY_COPY_FORGET = "DELETE FROM key_copy \
             WHERE shop = :shop AND id = :id AND person = :person";
        KEY_COPIES_FORGET_OF = "DELETE FROM key_copy WHERE shop = :shop AND device = :device";

        SECRET_KEEP = "INSERT INTO secret (name, purpose, wrapped, created) \
             VALUES (:name, :purpose, :wrapped, :created) ON CONFLICT DO NOTHING";
        SECRET = "SELECT name, purpose, wrapped, created FROM secret WHERE name = :name";
        SECRETS = "SELECT name, purpose, wrapped, created \
             FROM secret WHERE purpose = :purpose ORDER BY created DESC, name DESC";
    }
}

/// In one shop. Public, so that a measurement can send the very same to a bare database.
pub mod shop {
    texts! {
        HEAD = "SELECT seq, hash, ticket, floor, summed, documents, sum \
             FROM head WHERE shop = :shop";
        HEAD_BEGIN = "INSERT INTO head (shop, seq, hash, ticket) \
             VALUES (:shop, 0, :hash, 0) ON CONFLICT DO NOTHING";
        HEAD_SET = "UPDATE head \
             SET seq = :seq, hash = :hash, ticket = :ticket, floor = :floor, \
             summed = :summed, documents = :documents, sum = :sum WHERE shop = :shop";

        DOCUMENT = "SELECT version, open, vehicle, customer, body FROM document \
             WHERE shop = :shop AND kind = :kind AND id = :id";
        DOCUMENT_INDEX = "SELECT version, open, vehicle, customer FROM document \
             WHERE shop = :shop AND kind = :kind AND id = :id";
        DOCUMENTS_OF_KIND = "SELECT id, version, open, vehicle, customer, body FROM document \
             WHERE shop = :shop AND kind = :kind ORDER BY id";
        // For the tally, where nobody has counted yet: a slice of all documents.
        DOCUMENTS_COUNT = "SELECT kind, id, version FROM document \
             WHERE shop = :shop AND version > :after ORDER BY version LIMIT :limit";
        DOCUMENT_PUT = "INSERT INTO document \
             (shop, kind, id, version, open, vehicle, customer, body) VALUES \
             (:shop, :kind, :id, :version, :open, :vehicle, :customer, :body) \
             ON CONFLICT (shop, kind, id) DO UPDATE SET version = excluded.version, \
             open = excluded.open, vehicle = excluded.vehicle, customer = excluded.customer, \
             body = excluded.body";
        DOCUMENT_REMOVE = "DELETE FROM document \
             WHERE shop = :shop AND kind = :kind AND id = :id";
        DOCUMENTS_BETWEEN = "SELECT version, kind, id, open, vehicle, customer, body \
             FROM document \
             WHERE shop = :shop AND version > :after AND version <= :upto ORDER BY version";
        REFERRED_VEHICLE = "SELECT vehicle FROM document \
             WHERE shop = :shop AND vehicle = :id LIMIT 1";
        REFERRED_CUSTOMER = "SELECT customer FROM document \
             WHERE shop = :shop AND customer = :id LIMIT 1";

        // Pieces of a copy. Bodies that are not wanted are not read: of what has changed since, and
        // of open inspections, which come by themselves.
        OPEN_BELOW = "SELECT id, version, open, vehicle, customer, \
             CASE WHEN version <= :upto THEN body END FROM document \
             WHERE shop = :shop AND open = 1 AND id < :below ORDER BY id DESC LIMIT :limit";
        KIND_BELOW = "SELECT id, version, open, vehicle, customer, \
             CASE WHEN open = 0 AND version <= :upto THEN body END FROM document \
             WHERE shop = :shop AND kind = :kind AND id < :below ORDER BY id DESC LIMIT :limit";
        OPEN_IDS = "SELECT id FROM document \
             WHERE shop = :shop AND open = 1 AND id < :below ORDER BY id DESC LIMIT :limit";
        // By the document first, in its index alone: put plainly, SQLite searches all events of the
        // shop between the two sequences.
        EVENTS_OF = "SELECT event.seq, event.kind, event.id, event.salt, event.hash, \
             payload.body, payload.digest \
             FROM (SELECT seq FROM event \
                 WHERE shop = :shop AND kind = :kind AND id = :id) AS own \
             JOIN event ON event.shop = :shop AND event.seq = own.seq \
             JOIN payload ON payload.shop = event.shop AND payload.seq = event.seq \
             WHERE own.seq > :after AND own.seq <= :upto ORDER BY own.seq LIMIT :limit";

        TOMBSTONE = "SELECT version, at, erased, body FROM tombstone \
             WHERE shop = :shop AND kind = :kind AND id = :id";
        TOMBSTONE_PUT = "INSERT INTO tombstone (shop, kind, id, version, at, erased, body) \
             VALUES (:shop, :kind, :id, :version, :at, :erased, :body) \
             ON CONFLICT (shop, kind, id) DO UPDATE SET version = excluded.version, \
             at = excluded.at, erased = excluded.erased, body = excluded.body";
        TOMBSTONE_REMOVE = "DELETE FROM tombstone \
             WHERE shop = :shop AND kind = :kind AND id = :id";
        TOMBSTONES_BETWEEN = "SELECT version, kind, id, at, erased FROM tombstone \
             WHERE shop = :shop AND version > :after AND version <= :upto ORDER BY version";
        TOMBSTONES_OLD = "SELECT kind, id, version FROM tombstone \
             WHERE shop = :shop AND at < :before AND erased = 0 ORDER BY at LIMIT :limit";

        EVENT_ADD = "INSERT INTO event (shop, seq, kind, id, salt, hash) \
             VALUES (:shop, :seq, :kind, :id, :salt, :hash)";
        PAYLOAD_ADD = "INSERT INTO payload (shop, seq, body, digest) \
             VALUES (:shop, :seq, :body, :digest)";
        PAYLOAD_EMPTY = "UPDATE payload SET body = '{}', digest = :digest \
             WHERE shop = :shop AND seq = :seq AND digest IS NULL";
        EVENTS_AFTER = "SELECT event.seq, event.kind, event.id, event.salt, event.hash, \
             payload.body, payload.digest \
             FROM event JOIN payload ON payload.shop = event.shop AND payload.seq = event.seq \
             WHERE event.shop = :shop AND event.seq > :after AND event.seq <= :upto \
             ORDER BY event.seq";
        HASH_AT = "SELECT hash FROM event WHERE shop = :shop AND seq = :seq";

        OUTCOME_ADD = "INSERT INTO outcome \
             (shop, device, number, digest, body, refused_kind, refused_id, at) VALUES \
             (:shop, :device, :number, :digest, :body, :refused_kind, :refused_id, :at)";
        OUTCOMES = "SELECT number, digest, body, refused_kind, refused_id FROM outcome \
             WHERE shop = :shop AND device = :device AND number >= :first AND number <= :final \
             ORDER BY number";
        // Where a slice of the oldest ends. Apart from the deletion, which then is a stretch of the
        // index by age on every engine.
        OUTCOMES_SLICE = "SELECT at FROM outcome WHERE shop = :shop AND at < :before \
             ORDER BY at LIMIT 1 OFFSET :skip";
        OUTCOMES_FORGET = "DELETE FROM outcome WHERE shop = :shop AND at < :before";
        REFUSED_CREATION = "SELECT number FROM outcome WHERE shop = :shop AND device = :device \
             AND refused_kind = :kind AND refused_id = :id AND refused_id IS NOT NULL \
             ORDER BY number DESC LIMIT 1";
        COUNTED = "SELECT last FROM counted WHERE shop = :shop AND device = :device";
        COUNTED_SET = "INSERT INTO counted (shop, device, last) VALUES (:shop, :device, :last) \
             ON CONFLICT (shop, device) DO UPDATE SET last = excluded.last \
             WHERE counted.last < excluded.last";
    }
}

/// In one shop, on the embedded engine alone.
pub mod embedded {
    texts! {
        // A change that leaves the columns beside the body as they are leaves their indexes alone
        // too, which an upsert would write all over again.
        DOCUMENT_CHANGE = "UPDATE document SET version = :version, body = :body \
             WHERE shop = :shop AND kind = :kind AND id = :id";
    }
}

/// On PostgreSQL alone.
pub mod hosted {
    texts! {
        BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        BEGIN_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
        // The end of a unit of work, as the last call of its last flight.
        COMMIT = "COMMIT";

        // All settings each time, those that do not apply as the empty text, so that none is left
        // to chance. A statement ends before we stop waiting for it; so does the wait for a lock,
        // which another API process may hold; and a transaction whose process went silent does not
        // hold a shop for long.
        SETTINGS = "SELECT set_config('app.shop_id', :shop, true), \
             set_config('app.person_id', :person, true), \
             set_config('app.session_id', :session, true), \
             set_config('app.every_shop', :every, true), set_config('lock_timeout', '10s', true), \
             set_config('statement_timeout', '25s', true), \
             set_config('idle_in_transaction_session_timeout', '15s', true)";

        // The embedded engine's writers exclude each other by beginning; here a writer waits for
        // the one before it at the head's row.
        HEAD_LOCK = "SELECT seq, hash, ticket, floor, summed, documents, sum FROM head \
             WHERE shop = :shop FOR UPDATE";
    }
}
