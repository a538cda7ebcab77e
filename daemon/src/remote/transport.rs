//! What a call that got no answer means, in words.

use std::{error::Error, io};

use rustls::CertificateError;

use super::{Address, RemoteError};

/// The meaning of a failure below HTTP, or in the middle of a body.
pub(super) fn failure(address: &Address, error: &reqwest::Error) -> RemoteError {
    if let Some(tls) = find::<rustls::Error>(error) {
        return certificate(address, tls);
    }
    let offline = |why: &str| RemoteError::Offline {
        words: format!("{address} cannot be reached: {why}"),
    };
    if error.is_dns() {
        return offline("its name is not known; check the address and this machine's network");
    }
    if error.is_connect() && error.is_timeout() {
        return offline("nothing answered in time");
    }
    if error.is_timeout() {
        return offline("it stopped answering");
    }
    if let Some(io) = find::<io::Error>(error) {
        return offline(match io.kind() {
            io::ErrorKind::ConnectionRefused => "nothing listens there",
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                "there is no way to its network"
            }
            _ => "the connection broke",
        });
    }
    if error.is_decode() {
        return RemoteError::Garbage {
            words: format!("the answer of {address} cannot be unpacked"),
        };
    }
    offline("the connection broke")
}

fn certificate(address: &Address, error: &rustls::Error) -> RemoteError {
    use CertificateError as E;
    let why = match error {
        rustls::Error::InvalidCertificate(why) => match why {
            // The latter two are what an authority of the same name but another key leaves.
            E::UnknownIssuer
            | E::BadSignature
            | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                "it was issued by nobody whom this machine trusts; \
                 if that is your own authority, sign in with `--ca FILE`"
                    .into()
            }
            E::NotValidForName | E::NotValidForNameContext { .. } => {
                "it is for another name; check the address".into()
            }
            E::Expired | E::ExpiredContext { .. } => {
                "it has expired; check this machine's clock, else tell whoever runs the API".into()
            }
            E::NotValidYet | E::NotValidYetContext { .. } => {
                "it is not valid yet; check this machine's clock".into()
            }
            E::Revoked => "it was revoked; tell whoever runs the API".into(),
            // What `openssl req -x509` makes when it is not told otherwise.
            E::Other(why) if why.to_string().contains("CaUsedAsEndEntity") => {
                "it is an authority's and not a server's; whoever runs the API makes it anew with \
                 `-addext basicConstraints=critical,CA:FALSE`"
                    .into()
            }
            other => format!("{other}; tell whoever runs the API"),
        },
        // Anything else in the handshake: no TLS there, or no version in common.
        other => {
            return RemoteError::Untrusted {
                words: format!(
                    "no safe connection to {address} could be made ({other}); nothing was sent"
                ),
            };
        }
    };
    RemoteError::Untrusted {
        words: format!("the certificate of {address} is not trusted: {why}. Nothing was sent."),
    }
}

/// Looks for a cause of one kind, also inside I/O errors, whose `source` leaves out their own.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
