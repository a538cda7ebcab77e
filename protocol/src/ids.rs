//! Typed identifiers. An id of one thing cannot be passed for another's.
//!
//! Ids are made by whoever creates the thing (UUID version 7, RFC 9562), so a bench can create
//! offline. This crate has no randomness: [`InspectionId::from_parts`] and its kin take it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a {what} id; it should look like 019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b")]
pub struct IdError {
    what: &'static str,
    text: String,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an id from milliseconds since 1970 and ten random bytes.
            pub fn from_parts(millis: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The sixteen bytes of the id, in network order.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id of these sixteen bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                // Only the hyphenated form: one thing has one spelling.
                if text.len() == 36 {
                    if let Ok(id) = Uuid::try_parse(text) {
                        return Ok(Self(id));
                    }
                }
                let text: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
                Err(IdError { what: $what, text })
            }
        }
    };
}

uuid_id!(
    /// A shop: the wall around rows.
    ShopId, "shop");
uuid_id!(
    /// A person, who may belong to several shops.
    PersonId, "person");
uuid_id!(
    /// One cache on one bench, registered at sign-in.
    DeviceId, "device");
uuid_id!(
    /// One version of a template.
    TemplateId, "template");
uuid_id!(
    /// A customer.
    CustomerId, "customer");
uuid_id!(
    /// A vehicle, bicycle or piece of equipment.
    VehicleId, "vehicle");
uuid_id!(
    /// An inspection, also called a ticket.
    InspectionId, "inspection");
uuid_id!(
    /// One line of recommended work.
    LineId, "recommendation line");
uuid_id!(
    /// A canned note that a shop keeps.
    CannedId, "canned note");
uuid_id!(
    /// One sign-in of one device.
    SessionId, "session");
uuid_id!(
    /// What lets a kiosk or a script in.
    PassId, "token");
uuid_id!(
    /// The copy of a bench's key that the API keeps.
    KeyCopyId, "key copy");

impl DeviceId {
    /// The two characters that stand for this device in provisional ticket numbers, such as `K7`:
    /// a letter and a digit that cannot be mistaken for each other.
    pub fn code(&self) -> String {
        const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRSTUVWXY";
        const DIGITS: &[u8; 8] = b"23456789";
        let last = self.as_bytes();
        let letter = LETTERS[usize::from(last[15]) % LETTERS.len()];
        let digit = DIGITS[usize::from(last[14]) % DIGITS.len()];
        format!("{}{}", char::from(letter), char::from(digit))
    }
}

/// A text that is not a stable key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{text}” is not a {what} key; keys are lower-case words of letters, digits, _ and -, \
     joined by dots, of at most {MAX_KEY} characters"
)]
pub struct KeyError {
    what: &'static str,
    text: String,
}

/// The longest key, in bytes.
pub const MAX_KEY: usize = 80;

fn is_key(text: &str) -> bool {
    text.len() <= MAX_KEY
        && text.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
        })
}

macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub struct $name(String);

        impl $name {
            /// The key as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = KeyError;

            fn try_from(text: String) -> Result<Self, KeyError> {
                if is_key(&text) {
                    return Ok(Self(text));
                }
                let text = text.chars().filter(|c| !c.is_control()).take(90).collect();
                Err(KeyError { what: $what, text })
            }
        }

        impl FromStr for $name {
            type Err = KeyError;

            fn from_str(text: &str) -> Result<Self, KeyError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> String {
                key.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

key!(
    /// A template's stable key over all its versions, such as `vehicle-multipoint`.
    TemplateKey, "template");
key!(
    /// A point's stable key inside its template, such as `tyres.tread.lf`.
    PointKey, "point");
key!(
    /// A section's stable key inside its template, such as `tyres`.
    SectionKey, "section");
key!(
    /// A question of a template that selects a rule's case, such as `wheel_size`.
    ChoiceKey, "choice");

#[cfg(test)]
mod tests;
