//! The one list of everything that is moved: each table with its columns, and the statements over
//! it, which are put together when this is compiled. A test holds the list against both schemas.

/// What a column holds, on either engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sixteen bytes: `BLOB` here, `uuid` there.
    Id,
    /// `BLOB` here, `bytea` there.
    Bytes,
    /// `INTEGER` here, `bigint` or `smallint` there.
    Number,
    /// UTF-8, byte for byte.
    Text,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name on both engines.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may hold nothing.
    pub nullable: bool,
}

/// Whose rows a table holds, and where the embedded engine keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Nobody's: read whole, from the control file.
    Everyones,
    /// A shop's, from the control file.
    Listed,
    /// A shop's, from its own file.
    Inside,
}

/// A table, and the statements that move it.
#[derive(Debug)]
pub struct Table {
    /// Its name on both engines.
    pub name: &'static str,
    /// Whose rows.
    pub whose: Whose,
    /// All columns, in the order in which the statements give and take them.
    pub columns: &'static [Column],
    /// The columns whose order the rows are moved in; no two rows of a shop are equal in them. Never
    /// text in a shop's table, for the engines order text differently.
    pub key: &'static [&'static str],
    /// `:limit` rows from the beginning; of `:shop`, where the table is a shop's.
    pub(in crate::storage) first: &'static str,
    /// `:limit` rows after a key.
    pub(in crate::storage) next: &'static str,
    /// The key of the last row.
    pub(in crate::storage) last: &'static str,
    /// Adds rows; each parameter is an array of one column's values. PostgreSQL only: no plain
    /// `COPY` reaches tables behind the wall.
    pub(in crate::storage) add: &'static str,
}

impl Table {
    /// Where a column of the key stands among the columns.
    pub(super) fn key_places(&self) -> impl Iterator<Item = usize> {
        let columns = self.columns.iter().enumerate();
        self.key.iter().filter_map(move |key| {
            let mut found = columns.clone().filter(|(_, it)| it.name == *key);
            found.next().map(|(place, _)| place)
        })
    }
}

macro_rules! list {
    ($first:ident $(, $rest:ident)*) => { concat!(stringify!($first) $(, ", ", stringify!($rest))*) };
}

macro_rules! falling {
    ($first:ident $(, $rest:ident)*) => {
        concat!(stringify!($first), " DESC" $(, ", ", stringify!($rest), " DESC")*)
    };
}

macro_rules! named {
    ($first:ident $(, $rest:ident)*) => {
        concat!(":", stringify!($first) $(, ", :", stringify!($rest))*)
    };
}

macro_rules! array {
    (Id) => {
        " AS uuid[])"
    };
    (Bytes) => {
        " AS bytea[])"
    };
    (Number) => {
        " AS bigint[])"
    };
    (Text) => {
        " AS text[])"
    };
}

macro_rules! arrays {
    ($first:ident $kind:ident $(, $rest:ident $kinds:ident)*) => {
        concat!(
            "CAST(:", stringify!($first), array!($kind)
            $(, ", CAST(:", stringify!($rest), array!($kinds))*
        )
    };
}

macro_rules! nullable {
    () => {
        false
    };
    (or nothing) => {
        true
    };
}

/// `name, whose [the shop's column], [the key], [column: Kind, column: Kind or nothing, …]`
macro_rules! table {
    ($name:ident, $whose:ident $(of $shop:ident)?, [$($key:ident),+],
     [$($column:ident: $kind:ident $($or:ident $nothing:ident)?),+ $(,)?]) => {
        Table {
            name: stringify!($name),
            whose: Whose::$whose,
            columns: &[$(Column {
                name: stringify!($column),
                kind: Kind::$kind,
                nullable: nullable!($($or $nothing)?),
            }),+],
            key: &[$(stringify!($key)),+],
            first: concat!(
                "SELECT ", list!($($column),+), " FROM ", stringify!($name),
                $(" WHERE ", stringify!($shop), " = :shop",)?
                " ORDER BY ", list!($($key),+), " LIMIT :limit"
            ),
            next: concat!(
                "SELECT ", list!($($column),+), " FROM ", stringify!($name), " WHERE ",
                $(stringify!($shop), " = :shop AND ",)?
                "(", list!($($key),+), ") > (", named!($($key),+), ")",
                " ORDER BY ", list!($($key),+), " LIMIT :limit"
            ),
            last: concat!(
                "SELECT ", list!($($key),+), " FROM ", stringify!($name),
                $(" WHERE ", stringify!($shop), " = :shop",)?
                " ORDER BY ", falling!($($key),+), " LIMIT 1"
            ),
            add: concat!(
                "INSERT INTO ", stringify!($name), " (", list!($($column),+), ") ",
                "SELECT * FROM unnest(", arrays!($($column $kind),+), ")"
            ),
        }
    };
}

/// The epoch's table, which is moved at the beginning, together with the mark that says so.
pub const META: Table = table!(meta, Everyones, [only_row], [only_row: Number, epoch: Number]);

/// What spans shops, in an order that references allow.
pub const EVERYONES: &[Table] = &[
    table!(person, Everyones, [id], [
        id: Id, email: Text, email_key: Text, name: Text, password: Text, created: Number,
    ]),
    table!(pairing, Everyones, [secret], [
        secret: Bytes, code: Bytes, client: Text, name: Text, device: Id, device_key: Bytes,
        address: Text, created: Number, pause: Number, polled: Number or nothing,
        decided: Number or nothing, session: Id or nothing, fetched: Number or nothing,
    ]),
    table!(second_factor, Everyones, [person], [
        person: Id, version: Number, wrapped: Bytes, confirmed: Number or nothing, step: Number,
        codes: Bytes, created: Number,
    ]),
    table!(identity, Everyones, [person, issuer], [
        issuer: Text, subject: Text, person: Id, created: Number,
    ]),
    table!(secret, Everyones, [name], [name: Text, purpose: Text, wrapped: Bytes, created: Number]),
];

/// What a shop has, in an order that references allow; the head last, so that a head that is there
/// says that all of its shop is.
pub const SHOPS: &[Table] = &[
    table!(shop, Listed of id, [id], [
        id: Id, name: Text, wrapped_key: Bytes, created: Number, ready: Number,
    ]),
    table!(membership, Listed of shop, [person], [person: Id, shop: Id]),
    table!(device, Listed of shop, [id], [
        shop: Id, id: Id, person: Id, name: Text, created: Number, destroyed: Number or nothing,
    ]),
    table!(session, Listed of shop, [id], [
        id: Id, person: Id, shop: Id, device: Id, device_key: Bytes, generation: Number,
        created: Number, used: Number, ended: Number or nothing, revoked: Number or nothing,
    ]),
    table!(pass, Listed of shop, [id], [
        shop: Id, id: Id, kind: Text, person: Id or nothing, digest: Bytes, name: Text, gives: Text,
        created: Number, expires: Number, used: Number or nothing, ended: Number or nothing,
    ]),
    table!(key_copy, Listed of shop, [id], [
        shop: Id, id: Id, person: Id, device: Id, wrapped: Bytes, created: Number,
    ]),
    table!(event, Inside of shop, [seq], [
        shop: Id, seq: Number, kind: Text, id: Id, salt: Bytes, hash: Bytes,
    ]),
    table!(payload, Inside of shop, [seq], [
        shop: Id, seq: Number, body: Text, digest: Bytes or nothing,
    ]),
    table!(document, Inside of shop, [version], [
        shop: Id, kind: Text, id: Id, version: Number, open: Number, vehicle: Id or nothing,
        customer: Id or nothing, body: Text,
    ]),
    table!(tombstone, Inside of shop, [version], [
        shop: Id, kind: Text, id: Id, version: Number, at: Number, erased: Number,
        body: Text or nothing,
    ]),
    table!(outcome, Inside of shop, [device, number], [
        shop: Id, device: Id, number: Number, digest: Bytes, body: Text,
        refused_kind: Text or nothing, refused_id: Id or nothing, at: Number,
    ]),
    table!(counted, Inside of shop, [device], [shop: Id, device: Id, last: Number]),
    HEAD,
];

/// Where a shop's history ends: one row.
pub(super) const HEAD: Table = table!(head, Inside of shop, [seq], [
    shop: Id, seq: Number, hash: Bytes, ticket: Number, floor: Number, summed: Number or nothing,
    documents: Number or nothing, sum: Bytes or nothing,
]);
