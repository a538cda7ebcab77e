//! Every query's text, once for all engines. Parameters are bound by name: `$1` binds by first
//! appearance on one of them and would swap arguments without a word.

/// Over all shops.
pub(super) mod control {
    pub(in crate::storage) const EPOCH: &str = "SELECT epoch FROM meta WHERE only_row = 1";
    pub(in crate::storage) const EPOCH_DRAW: &str = "INSERT INTO meta (only_row, epoch) \
         VALUES (1, :epoch) ON CONFLICT DO NOTHING";

    pub(in crate::storage) const PERSON: &str =
        "SELECT id, email, name, password, created FROM person WHERE id = :id";
    pub(in crate::storage) const PERSON_BY_EMAIL: &str =
        "SELECT id, email, name, password, created FROM person WHERE email_key = :email_key";
    pub(in crate::storage) const PERSON_CREATE: &str = "INSERT INTO person (id, email, email_key, name, password, created) \
         VALUES (:id, :email, :email_key, :name, :password, :created) ON CONFLICT DO NOTHING";
    pub(in crate::storage) const PERSON_PASSWORD: &str =
        "UPDATE person SET password = :password WHERE id = :id";

    pub(in crate::storage) const SHOP_CREATE: &str = "INSERT INTO shop (id, name, wrapped_key, created, ready) \
         VALUES (:id, :name, :wrapped_key, :created, 0) ON CONFLICT DO NOTHING";
    pub(in crate::storage) const SHOP_READY: &str = "UPDATE shop SET ready = 1 WHERE id = :id";
    pub(in crate::storage) const SHOP_KEY: &str =
        "SELECT wrapped_key, ready FROM shop WHERE id = :id";
    pub(in crate::storage) const SHOP: &str =
        "SELECT id, name, created FROM shop WHERE id = :id AND ready = 1";
    pub(in crate::storage) const SHOPS: &str =
        "SELECT id, name, created FROM shop WHERE ready = 1 ORDER BY name, id";

    pub(in crate::storage) const MEMBERSHIP_ADD: &str =
        "INSERT INTO membership (person, shop) VALUES (:person, :shop) ON CONFLICT DO NOTHING";
    pub(in crate::storage) const MEMBERSHIP_REMOVE: &str =
        "DELETE FROM membership WHERE person = :person AND shop = :shop";
    pub(in crate::storage) const MEMBERSHIPS: &str = "SELECT shop.id, shop.name, shop.created FROM membership \
         JOIN shop ON shop.id = membership.shop \
         WHERE membership.person = :person AND shop.ready = 1 ORDER BY shop.name, shop.id";

    pub(in crate::storage) const DEVICE_REGISTER: &str = "INSERT INTO device (shop, id, person, name, created) \
         VALUES (:shop, :id, :person, :name, :created) \
         ON CONFLICT (shop, id) DO UPDATE SET name = excluded.name \
         WHERE device.person = excluded.person";
    pub(in crate::storage) const DEVICE: &str =
        "SELECT shop, id, person, name, created FROM device WHERE shop = :shop AND id = :id";

    pub(in crate::storage) const SESSION_CREATE: &str = "INSERT INTO session \
         (id, person, shop, device, device_key, generation, created, used, ended) VALUES \
         (:id, :person, :shop, :device, :device_key, :generation, :created, :used, :ended) \
         ON CONFLICT DO NOTHING";
    pub(in crate::storage) const SESSION: &str = "SELECT id, person, shop, device, device_key, \
         generation, created, used, ended FROM session WHERE id = :id";
    pub(in crate::storage) const SESSION_ADVANCE: &str = "UPDATE session SET generation = :to_generation, used = :at \
         WHERE id = :id AND generation = :from_generation AND ended IS NULL";
    pub(in crate::storage) const SESSION_DEVICE: &str =
        "UPDATE session SET device = :device WHERE id = :id AND ended IS NULL";
    pub(in crate::storage) const SESSION_END: &str =
        "UPDATE session SET ended = :at WHERE id = :id AND ended IS NULL";
    pub(in crate::storage) const SESSIONS_END_ALL: &str =
        "UPDATE session SET ended = :at WHERE person = :person AND ended IS NULL";
    pub(in crate::storage) const SESSIONS_END: &str = "UPDATE session SET ended = :at \
         WHERE shop = :shop AND person = :person AND ended IS NULL";

    pub(in crate::storage) const SECRET_KEEP: &str = "INSERT INTO secret (name, purpose, wrapped, created) \
         VALUES (:name, :purpose, :wrapped, :created) ON CONFLICT DO NOTHING";
    pub(in crate::storage) const SECRET: &str =
        "SELECT name, purpose, wrapped, created FROM secret WHERE name = :name";
    pub(in crate::storage) const SECRETS: &str = "SELECT name, purpose, wrapped, created \
         FROM secret WHERE purpose = :purpose ORDER BY created DESC, name DESC";
}

/// In one shop. Public, so that a measurement can send the very same to a bare database.
pub mod shop {
    pub const HEAD: &str = "SELECT seq, hash, ticket, floor FROM head WHERE shop = :shop";
    pub const HEAD_BEGIN: &str = "INSERT INTO head (shop, seq, hash, ticket) \
         VALUES (:shop, 0, :hash, 0) ON CONFLICT DO NOTHING";
    pub const HEAD_SET: &str = "UPDATE head \
         SET seq = :seq, hash = :hash, ticket = :ticket, floor = :floor WHERE shop = :shop";

    pub const DOCUMENT: &str = "SELECT version, body FROM document \
         WHERE shop = :shop AND kind = :kind AND id = :id";
    pub const DOCUMENTS_OF_KIND: &str = "SELECT id, version, body FROM document \
         WHERE shop = :shop AND kind = :kind ORDER BY id";
    pub const DOCUMENT_PUT: &str = "INSERT INTO document (shop, kind, id, version, body) \
         VALUES (:shop, :kind, :id, :version, :body) ON CONFLICT (shop, kind, id) \
         DO UPDATE SET version = excluded.version, body = excluded.body";
    pub const DOCUMENTS_BETWEEN: &str = "SELECT version, kind, id, body FROM document \
         WHERE shop = :shop AND version > :after AND version <= :upto ORDER BY version";
    pub const TOMBSTONES_BETWEEN: &str = "SELECT version, kind, id, at FROM tombstone \
         WHERE shop = :shop AND version > :after AND version <= :upto ORDER BY version";

    pub const EVENT_ADD: &str = "INSERT INTO event (shop, seq, kind, id, salt, hash) \
         VALUES (:shop, :seq, :kind, :id, :salt, :hash)";
    pub const PAYLOAD_ADD: &str =
        "INSERT INTO payload (shop, seq, body) VALUES (:shop, :seq, :body)";
    pub const EVENTS_AFTER: &str = "SELECT event.seq, event.kind, event.id, event.salt, event.hash, payload.body \
         FROM event JOIN payload ON payload.shop = event.shop AND payload.seq = event.seq \
         WHERE event.shop = :shop AND event.seq > :after AND event.seq <= :upto \
         ORDER BY event.seq";
    pub const HASH_AT: &str = "SELECT hash FROM event WHERE shop = :shop AND seq = :seq";

    pub const OUTCOME_ADD: &str = "INSERT INTO outcome \
         (shop, device, number, digest, body, refused_kind, refused_id, at) VALUES \
         (:shop, :device, :number, :digest, :body, :refused_kind, :refused_id, :at)";
    pub const OUTCOMES: &str = "SELECT number, digest, body, refused_kind, refused_id FROM outcome \
         WHERE shop = :shop AND device = :device AND number >= :first AND number <= :final \
         ORDER BY number";
    pub const OUTCOMES_FORGET: &str = "DELETE FROM outcome WHERE shop = :shop AND at < :before";
    pub const REFUSED_CREATION: &str = "SELECT number FROM outcome WHERE shop = :shop AND device = :device \
         AND refused_kind = :kind AND refused_id = :id AND refused_id IS NOT NULL \
         ORDER BY number DESC LIMIT 1";
    pub const COUNTED: &str = "SELECT last FROM counted WHERE shop = :shop AND device = :device";
    pub const COUNTED_SET: &str = "INSERT INTO counted (shop, device, last) VALUES (:shop, :device, :last) \
         ON CONFLICT (shop, device) DO UPDATE SET last = excluded.last \
         WHERE counted.last < excluded.last";
}
