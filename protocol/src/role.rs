//! Who may do what in a shop: roles are sets of verbs.
//!
//! The API checks every call against [`Role::may`]; the client asks the same table what to offer.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A member's role in one shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Everything, the shop itself included.
    Owner,
    /// Assigns, reviews and publishes; also called advisor.
    Dispatcher,
    /// Inspects.
    Technician,
    /// Looks.
    Viewer,
}

/// What a route, an operation or a command does, as far as permission goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Permission {
    /// Read inspections, vehicles, customers, timeline.
    Read,
    /// Create an inspection, customer or vehicle, and correct the latter two.
    Create,
    /// Fill in points, measurements, notes, photos; start, resume.
    Fill,
    /// Submit own work.
    Submit,
    /// Assign, return, approve, publish, decide by phone, close; settle conflicts of others.
    Review,
    /// Customer messages, share links.
    Share,
    /// Templates, canned notes.
    Templates,
    /// Void, reopen, export everything, members, shop settings, close the shop.
    Own,
}

impl Role {
    /// All roles, the mightiest first.
    pub const ALL: [Self; 4] = [
        Self::Owner,
        Self::Dispatcher,
        Self::Technician,
        Self::Viewer,
    ];

    /// Whether this role holds the permission.
    pub fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner => true,
            Self::Dispatcher => permission != P::Own,
            Self::Technician => matches!(permission, P::Read | P::Create | P::Fill | P::Submit),
            Self::Viewer => permission == P::Read,
        }
    }

    /// The role's name as it is typed and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Dispatcher => "dispatcher",
            Self::Technician => "technician",
            Self::Viewer => "viewer",
        }
    }
}

impl Permission {
    /// All permissions, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::Create,
        Self::Fill,
        Self::Submit,
        Self::Review,
        Self::Share,
        Self::Templates,
        Self::Own,
    ];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such role; use owner, dispatcher, technician or viewer")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(RoleError)
    }
}
