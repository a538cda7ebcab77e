//! Customers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    field::{Conflict, Register, Side, Writer},
    ids::CustomerId,
    merge::{self, Fields},
};

/// A customer of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// The name, never empty.
    pub name: Register<String>,
    /// Telephone numbers as typed.
    pub phones: Register<Vec<String>>,
    /// E-mail addresses; never unique in a shop.
    pub emails: Register<Vec<String>>,
    /// Whether the customer agreed to messages.
    pub consent: Register<bool>,
    /// On a duplicate, the customer that it was merged into: edits of this one go there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<Register<CustomerId>>,
    /// Duplicates that were merged into this one, all of them, and by whom.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<CustomerId, Writer>,
    /// Who wanted it gone, while it stays because of an edit that they had not seen; in a tombstone,
    /// who deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Writer>,
    /// Open conflicts by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conflicts: BTreeMap<String, Conflict<CustomerWrite>>,
    /// Fields that a newer program wrote.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// A value for one field of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CustomerWrite {
    /// The name.
    Name {
        /// Not empty, one line.
        name: String,
    },
    /// All telephone numbers.
    Phones {
        /// As typed, one line each.
        phones: Vec<String>,
    },
    /// All e-mail addresses.
    Emails {
        /// One address each.
        emails: Vec<String>,
    },
    /// Consent to messages.
    Consent {
        /// Given or not.
        consent: bool,
    },
}

impl merge::Write for CustomerWrite {
    fn field(&self) -> String {
        match self {
            Self::Name { .. } => "name",
            Self::Phones { .. } => "phones",
            Self::Emails { .. } => "emails",
            Self::Consent { .. } => "consent",
        }
        .to_owned()
    }

    fn emptied(&self) -> Self {
        match self {
            // A customer always has a name.
            Self::Name { .. } => self.clone(),
            Self::Phones { .. } => Self::Phones { phones: Vec::new() },
            Self::Emails { .. } => Self::Emails { emails: Vec::new() },
            Self::Consent { .. } => Self::Consent { consent: false },
        }
    }
}

impl Fields for Customer {
    type Write = CustomerWrite;

    fn side(&self, field: &str) -> Option<Side<CustomerWrite>> {
        let side = match field {
            "name" => Side {
                write: CustomerWrite::Name {
                    name: self.name.value.clone(),
                },
                writer: self.name.writer,
            },
            "phones" => Side {
                write: CustomerWrite::Phones {
                    phones: self.phones.value.clone(),
                },
                writer: self.phones.writer,
            },
            "emails" => Side {
                write: CustomerWrite::Emails {
                    emails: self.emails.value.clone(),
                },
                writer: self.emails.writer,
            },
            "consent" => Side {
                write: CustomerWrite::Consent {
                    consent: self.consent.value,
                },
                writer: self.consent.writer,
            },
            _ => return None,
        };
        Some(side)
    }

    fn put(&mut self, side: Side<CustomerWrite>) {
        let writer = side.writer;
        match side.write {
            CustomerWrite::Name { name } => {
                self.name = Register {
                    value: name,
                    writer,
                }
            }
            CustomerWrite::Phones { phones } => {
                self.phones = Register {
                    value: phones,
                    writer,
                }
            }
            CustomerWrite::Emails { emails } => {
                self.emails = Register {
                    value: emails,
                    writer,
                }
            }
            CustomerWrite::Consent { consent } => {
                self.consent = Register {
                    value: consent,
                    writer,
                };
            }
        }
    }

    fn conflicts(&self) -> &BTreeMap<String, Conflict<CustomerWrite>> {
        &self.conflicts
    }

    fn conflicts_mut(&mut self) -> &mut BTreeMap<String, Conflict<CustomerWrite>> {
        &mut self.conflicts
    }

    fn writers(&self) -> impl Iterator<Item = &Writer> {
        [
            &self.name.writer,
            &self.phones.writer,
            &self.emails.writer,
            &self.consent.writer,
        ]
        .into_iter()
        .chain(self.merged.as_ref().map(|it| &it.writer))
        .chain(self.aliases.values())
    }
}
