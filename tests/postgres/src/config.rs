//! How a cluster is to be.

/// How a cluster is to be. The default is what tests want: a commit reaches the disk, for a server
/// whose commits do not is refused, but a page that was half written when the machine fell is not
/// repaired.
#[derive(Debug, Clone)]
pub struct Config {
    /// Set as for a real shop: what measurements want.
    pub durable: bool,
    /// How many connections it takes.
    pub connections: u16,
    /// Offers TLS with these.
    pub tls: Option<Tls>,
    /// Further settings, as `postgresql.conf` names them; they win over everything here.
    pub settings: Vec<(String, String)>,
}

/// What it shows who it is with.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The certificate and its chain, PEM.
    pub certificate: String,
    /// Its key, PEM.
    pub key: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            durable: false,
            connections: 100,
            tls: None,
            settings: Vec::new(),
        }
    }
}

impl Config {
    /// What `postgresql.conf` gets.
    pub(crate) fn file(&self, sockets: &str) -> String {
        let connections = self.connections.to_string();
        let mut settings = vec![
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", sockets),
            ("max_connections", &connections),
            ("password_encryption", "scram-sha-256"),
            ("log_line_prefix", "%m [%p] %u@%d "),
            ("log_timezone", "UTC"),
            ("timezone", "UTC"),
        ];
        if !self.durable {
            settings.extend([
                // Without it a page may be torn only where the machine itself falls.
                ("full_page_writes", "off"),
                ("shared_buffers", "32MB"),
            ]);
        }
        if self.tls.is_some() {
            settings.extend([
                ("ssl", "on"),
                ("ssl_cert_file", "server.crt"),
                ("ssl_key_file", "server.key"),
            ]);
        }
        let own = self.settings.iter();
        settings.extend(own.map(|(name, value)| (name.as_str(), value.as_str())));
        let line = |(name, value): (&str, &str)| format!("{name} = '{}'\n", quoted(value));
        settings.into_iter().map(line).collect()
    }
}

/// Who may come in: over the socket whoever reaches it, over TCP whoever has the password.
pub(crate) const ACCESS: &str = "\
local all all trust
host all all 127.0.0.1/32 scram-sha-256
";

fn quoted(value: &str) -> String {
    value.replace('\'', "''")
}
