//! A way to a PostgreSQL that can be cut while nobody looks.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use redtag_server::storage::postgres::Address;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

use super::ground::Database;

/// Carries what is said between a server of ours and the database.
pub(crate) struct Proxy {
    here: SocketAddr,
    /// How often the lines were cut.
    cuts: Arc<AtomicU64>,
    takes: AbortHandle,
}

impl Proxy {
    /// One before a database.
    pub(crate) async fn before(database: &Database) -> Self {
        let there = database.cluster.address();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let cuts = Arc::<AtomicU64>::default();
        let known = Arc::clone(&cuts);
        let takes = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let born = known.load(Ordering::SeqCst);
                tokio::spawn(carry(line, there, born, Arc::clone(&known)));
            }
        });
        Self {
            here,
            cuts,
            takes: takes.abort_handle(),
        }
    }

    /// The app role's way to the database, through this.
    pub(crate) fn address(&self, database: &Database) -> Address {
        let there = database.cluster.address().to_string();
        let url = database.url().replace(&there, &self.here.to_string());
        Address::parse(&url, None, None).unwrap()
    }

    /// Whatever line is open now breaks at the next word that is said to the database, and not
    /// before: until then it looks as sound as ever. New ones are carried.
    pub(crate) fn cut(&self) {
        self.cuts.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.takes.abort();
    }
}

async fn carry(mut line: TcpStream, there: SocketAddr, born: u64, cuts: Arc<AtomicU64>) {
    let mut server = TcpStream::connect(there).await.unwrap();
    let (mut from, mut back) = line.split();
    let (mut answers, mut to) = server.split();
    let asks = async {
        let mut piece = vec![0; 8192];
        while let Ok(size @ 1..) = from.read(&mut piece).await {
            if cuts.load(Ordering::SeqCst) != born || to.write_all(&piece[..size]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = asks => {}
        _ = copy(&mut answers, &mut back) => {}
    }
}
