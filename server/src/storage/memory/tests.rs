use redtag_protocol::entity::EntityRef;

use super::{Disk, Fault, MemoryStorage, Moment};
use crate::storage::{
    Control as _, Shops as _, StorageError,
    conformance::{self, Place, suite},
};

struct Here(Disk);

impl Place for Here {
    type Engine = MemoryStorage;

    async fn open(&self) -> MemoryStorage {
        self.0.open()
    }
}

conformance::each_rule!(suite! Here(Disk::new(7)));

#[tokio::test]
async fn a_step_breaks_before_or_after_its_effect() {
    let disk = Disk::new(7);
    let shop = conformance::new_shop(&disk.open(), "A").await;
    for (moment, stands) in [(Moment::Before, false), (Moment::After, true)] {
        let process = disk.open();
        let key = conformance::customer();
        let transaction = process.begin(shop).await.unwrap();
        let (writes, head) = conformance::changes(transaction.head(), &[(key, "1")]);
        // The write, then the commit.
        process.plan(Some(Fault {
            step: 2,
            moment,
            dies: true,
        }));
        let ended = transaction.finish(writes, head).await;
        assert!(matches!(ended, Err(StorageError::Lost)));
        assert!(process.is_dead());
        let dead = process.head(shop).await;
        assert!(matches!(dead, Err(StorageError::Lost)));
        assert_eq!(is_there(&disk, shop, key).await, stands);
    }
}

#[tokio::test]
async fn a_line_that_broke_is_found_again() {
    let disk = Disk::new(7);
    let process = disk.open();
    let shop = conformance::new_shop(&process, "A").await;
    process.plan(Some(Fault {
        step: 1,
        moment: Moment::Before,
        dies: false,
    }));
    assert!(process.head(shop).await.is_err());
    assert!(!process.is_dead());
    process.head(shop).await.unwrap();
}

#[tokio::test]
async fn a_backup_brings_back_what_was_and_nothing_later() {
    let disk = Disk::new(7);
    let shop = conformance::new_shop(&disk.open(), "A").await;
    let (before, after) = (conformance::customer(), conformance::customer());
    conformance::put(&disk.open(), shop, &[(before, "1")]).await;
    let backup = disk.backup();
    conformance::put(&disk.open(), shop, &[(after, "2")]).await;
    disk.restore(backup);
    assert_eq!(disk.open().epoch(), 7);
    disk.roll(8);
    assert_eq!(disk.open().epoch(), 8);
    assert!(is_there(&disk, shop, before).await);
    assert!(!is_there(&disk, shop, after).await);
}

async fn is_there(disk: &Disk, shop: redtag_protocol::ids::ShopId, key: EntityRef) -> bool {
    let found = disk.open().documents(shop, vec![key]).await.unwrap();
    found[0].is_some()
}
