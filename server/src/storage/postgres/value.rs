//! Values on their way into statements, by name.

use std::{borrow::Cow, fmt};

use bytes::BytesMut;
use redtag_protocol::ids::{
    CustomerId, DeviceId, KeyCopyId, PassId, PersonId, SessionId, ShopId, VehicleId,
};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use super::StorageError;

/// One value. `Debug` shows only its kind: rows hold what people wrote.
pub(super) enum Value<'a> {
    Id(Uuid),
    Number(i64),
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
    Null,
}

/// A value and the name it goes under.
pub(super) type Given<'a> = (&'static str, Value<'a>);

/// Names and values as a statement takes them.
macro_rules! named {
    ($($name:ident: $value:expr),* $(,)?) => {
        vec![$((stringify!($name), $crate::storage::postgres::value::Value::from($value))),*]
    };
}
pub(super) use named;

/// The values in the order of a text's names.
///
/// # Errors
///
/// A name of the text that is not given, or one given that is not in the text: both are a fault of
/// this program, and nothing is sent.
pub(super) fn arrange<'a>(
    names: &[&str],
    given: &'a [Given<'a>],
) -> Result<Vec<&'a Value<'a>>, StorageError> {
    let wrong = |name: &str| StorageError::Engine(format!("the parameter :{name}").into());
    if let Some((unknown, _)) = given.iter().find(|(name, _)| !names.contains(name)) {
        return Err(wrong(unknown));
    }
    names
        .iter()
        .map(|name| {
            let found = given.iter().find(|(given, _)| given == name);
            found.map(|(_, value)| value).ok_or_else(|| wrong(name))
        })
        .collect()
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Id(it) => it.to_sql_checked(ty, out),
            Self::Number(it) => it.to_sql_checked(ty, out),
            Self::Text(it) => it.to_sql_checked(ty, out),
            Self::Bytes(it) => it.to_sql_checked(ty, out),
            Self::Null => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Each kind is checked against the column's type as it is written.
        true
    }

    to_sql_checked!();
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id(_) => "Id",
            Self::Number(_) => "Number",
            Self::Text(_) => "Text",
            Self::Bytes(_) => "Bytes",
            Self::Null => "Null",
        })
    }
}

macro_rules! ids {
    ($($id:ty),*) => {
        $(impl From<$id> for Value<'_> {
            fn from(id: $id) -> Self {
                Self::Id(Uuid::from_bytes(*id.as_bytes()))
            }
        })*
    };
}
ids!(
    ShopId, PersonId, DeviceId, SessionId, PassId, KeyCopyId, VehicleId, CustomerId
);

impl From<[u8; 16]> for Value<'_> {
    fn from(id: [u8; 16]) -> Self {
        Self::Id(Uuid::from_bytes(id))
    }
}

impl From<&[u8; 16]> for Value<'_> {
    fn from(id: &[u8; 16]) -> Self {
        Self::Id(Uuid::from_bytes(*id))
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests;
