use std::fs;

use redtag_protocol::role::Role;

use super::*;
use crate::testing::Server;

#[tokio::test]
async fn a_hint_reaches_who_listens_however_long_the_path_is() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let mut news = server.app.hub.watch(shop);
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("d".repeat(120));
    fs::create_dir(&deep).unwrap();
    for data in [dir.path(), &deep] {
        server
            .member(
                shop,
                &format!("{}@example.com", data.as_os_str().len()),
                Role::Owner,
            )
            .await;
        let head = server.app.storage.head(shop).await.unwrap();
        let control = Control::bind(data).unwrap();
        let path = data.join(NAME);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let task = tokio::spawn(control.run(server.app.clone()));
        poke(data, shop).await;
        assert_eq!(*news.borrow_and_update(), head.seq);
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert!(!path.exists(), "the socket goes with its server");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_hint_to_nobody_is_nothing() {
    let dir = tempfile::tempdir().unwrap();
    poke(dir.path(), ShopId::from_parts(1, [1; 10])).await;
    // Left over from a server that was killed.
    drop(std::os::unix::net::UnixListener::bind(dir.path().join(NAME)).unwrap());
    poke(dir.path(), ShopId::from_parts(1, [1; 10])).await;
    drop(Control::bind(dir.path()).unwrap());
}
