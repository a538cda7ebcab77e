//! `control.sock` in the data directory: how an operator's command tells a running server that a
//! shop has moved on. A line with the shop's id, nothing more; the server looks for itself how far
//! the shop is, so a wrong hint costs a read. Who may write to the socket is who may open the data
//! directory.

use std::{
    fs, io,
    os::{
        fd::AsRawFd as _,
        unix::{
            fs::{OpenOptionsExt as _, PermissionsExt as _},
            net,
        },
    },
    path::{Path, PathBuf},
    time::Duration,
};

use redtag_protocol::ids::ShopId;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    time::timeout,
};

use crate::app::App;

const NAME: &str = "control.sock";

/// A socket's path has at most 107 bytes; a longer one goes by way of the directory's descriptor.
const LONGEST: usize = 100;

/// Nobody on this machine needs longer for one line.
const PATIENCE: Duration = Duration::from_secs(5);

/// The socket in a data directory.
#[derive(Debug)]
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Listens. The caller serves the directory alone, so a socket that is there already is left
    /// over from a server that was killed.
    pub fn bind(data: &Path) -> io::Result<Self> {
        let path = data.join(NAME);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = through(data, |path| UnixListener::bind(path))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Hands hints on until the server ends.
    pub async fn run(self, app: App) {
        loop {
            let connection = tokio::select! {
                () = app.ending.cancelled() => break,
                connection = self.listener.accept() => connection,
            };
            match connection {
                Ok((stream, _)) => {
                    let app = app.clone();
                    tokio::spawn(async move { answer(&app, stream).await });
                }
                Err(error) => {
                    tracing::warn!(%error, "the control socket failed");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // Gone already, or left over until the next start: either is fine.
        let _ = fs::remove_file(&self.path);
    }
}

/// Tells a running server that a shop has moved on. Whether one runs at all makes no difference to
/// the caller: without one there is nobody to tell.
pub async fn poke(data: &Path, shop: ShopId) {
    let told = async {
        let stream = through(data, |path| net::UnixStream::connect(path))?;
        stream.set_nonblocking(true)?;
        let mut stream = UnixStream::from_std(stream)?;
        stream.write_all(format!("{shop}\n").as_bytes()).await?;
        let mut done = String::new();
        stream.read_to_string(&mut done).await
    };
    match timeout(PATIENCE, told).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "no server runs on this data"),
        Err(_) => tracing::warn!("the running server did not take the hint; benches pull later"),
    }
}

async fn answer(app: &App, mut stream: UnixStream) {
    let exchange = async {
        let (read, mut write) = stream.split();
        let mut line = String::new();
        BufReader::new(read.take(64)).read_line(&mut line).await?;
        let words = match line.trim().parse::<ShopId>() {
            Err(_) => "that is no shop id\n",
            Ok(shop) => match app.storage.head(shop).await {
                Ok(head) => {
                    app.hub.wake(shop, head.seq);
                    "ok\n"
                }
                Err(_) => "there is no such shop\n",
            },
        };
        write.write_all(words.as_bytes()).await
    };
    // A command that went away needs no answer.
    let _ = timeout(PATIENCE, exchange).await;
}

/// Does something at the socket's path, or at a short way to it where the path is too long.
fn through<T>(data: &Path, act: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let path = data.join(NAME);
    if path.as_os_str().len() <= LONGEST {
        return act(&path);
    }
    let dir = fs::OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::DIRECTORY.bits().cast_signed())
        .open(data)?;
    act(&PathBuf::from(format!(
        "/proc/self/fd/{}/{NAME}",
        dir.as_raw_fd()
    )))
}

#[cfg(test)]
mod tests;
