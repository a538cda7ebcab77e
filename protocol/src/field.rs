//! Fields that several benches may write: each remembers its last writer, and a conflict keeps
//! every side until a person settles it.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{DeviceId, PersonId},
    stamp::{Seq, Stamp},
};

/// Who wrote a value, and when in the shop's order. On the wire a list of five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WriterTuple", into = "WriterTuple")]
pub struct Writer {
    /// The sequence of the accepted operation; none while it waits in a bench's outbox.
    pub seq: Option<Seq>,
    /// The bench.
    pub device: DeviceId,
    /// The operation's number on that bench.
    pub number: u64,
    /// The bench's clock.
    pub stamp: Stamp,
    /// The person.
    pub person: PersonId,
}

type WriterTuple = (Option<Seq>, DeviceId, u64, Stamp, PersonId);

impl From<WriterTuple> for Writer {
    fn from((seq, device, number, stamp, person): WriterTuple) -> Self {
        Self {
            seq,
            device,
            number,
            stamp,
            person,
        }
    }
}

impl From<Writer> for WriterTuple {
    fn from(writer: Writer) -> Self {
        (
            writer.seq,
            writer.device,
            writer.number,
            writer.stamp,
            writer.person,
        )
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Writer {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType};
        let any = ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .build();
        let list = ArrayBuilder::new()
            .items(utoipa::openapi::RefOr::T(Schema::Object(any)))
            .min_items(Some(5))
            .max_items(Some(5))
            .description(Some("sequence or null, device, number, stamp, person"));
        Schema::Array(list.build()).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Writer {}

impl Writer {
    /// The operation that wrote.
    pub fn op(&self) -> OpRef {
        OpRef {
            device: self.device,
            number: self.number,
        }
    }

    /// Whether this write was accepted after `base`, or has not been accepted at all yet.
    pub fn after(&self, base: Seq) -> bool {
        self.seq.is_none_or(|seq| seq > base)
    }

    /// Whether the author of an operation on `device` with this base cannot have known of it: a
    /// bench always knows what it did itself.
    pub fn unseen(&self, device: DeviceId, base: Seq) -> bool {
        self.device != device && self.after(base)
    }
}

/// An operation named from outside its outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpRef {
    /// The bench that numbered it.
    pub device: DeviceId,
    /// Its number there.
    pub number: u64,
}

/// A value with its last writer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Register<T> {
    /// The value that stands.
    #[serde(rename = "v")]
    pub value: T,
    /// Who wrote it.
    #[serde(rename = "w")]
    pub writer: Writer,
}

/// One of the values of a conflict, or an edit that came too late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Side<W> {
    /// What was written, and into which field.
    pub write: W,
    /// By whom.
    pub writer: Writer,
}

/// A field that two benches wrote without knowing of each other. At most one side per device, and one
/// more where a duplicate was merged that had such a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conflict<W> {
    /// Every value; the field shows the one that ranks highest until a person settles.
    pub sides: Vec<Side<W>>,
}
