//! What is written to people. The names of people and shops were typed by somebody, and stand in the text
//! only, where they end no line.

use redtag_protocol::text::clean_line;
use zeroize::Zeroizing;

use crate::auth::link::Purpose;

/// A mail, without whom it comes from.
pub struct Letter {
    /// The address that it goes to.
    pub to: String,
    /// One line, of ours alone.
    pub subject: String,
    /// The text, with the link in it.
    pub text: Zeroizing<String>,
}

impl Letter {
    /// The letter with a link by which somebody chooses a password.
    pub fn with_link(to: &str, name: &str, shops: &str, purpose: Purpose, url: &str) -> Self {
        let (name, shops) = (clean_line(name), clean_line(shops));
        let (subject, said, after) = match purpose {
            Purpose::Invitation => (
                "Your invitation to Redtag",
                format!("you were invited to {shops}. Choose your password here:"),
                "The link is good once, for seven days. If you expected no invitation, leave it be.",
            ),
            Purpose::Reset => (
                "A new password for Redtag",
                format!(
                    "somebody, we hope you, asked for a new password for {shops}. Choose it here:"
                ),
                "The link is good once, for an hour. If it was not you who asked, leave it be: nothing \
                 was changed.",
            ),
        };
        let text = format!("Hello {name},\r\n\r\n{said}\r\n\r\n{url}\r\n\r\n{after}\r\n");
        Self {
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: Zeroizing::new(text),
        }
    }
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({})", self.subject)
    }
}
