use redtag_protocol::{
    ids::{PersonId, ShopId},
    role::Role,
};

use super::*;

#[test]
fn a_cache_that_lost_its_pin_is_open_to_nobody() {
    let mut file = AccountFile {
        id: "one".to_owned(),
        email: "ada@example.com".to_owned(),
        url: "https://api.example.com".to_owned(),
        ca: None,
        person: PersonId::from_bytes([1; 16]),
        name: "Ada".to_owned(),
        shop: ShopId::from_bytes([2; 16]),
        shop_name: "Cycles".to_owned(),
        role: Role::Technician,
        copy: None,
        pinned: false,
    };
    let device = DeviceId::from_bytes([3; 16]);
    let key = DeviceKey::from_seed(&[9; 32]).unwrap();
    let old = |lock| {
        let mut meta = Meta::new(file.person, file.shop, file.role, device, vec![9; 32]);
        meta.lock = lock;
        Some(meta)
    };
    let (without, with) = (old(None), old(Some(Lock::spent())));
    let failures = |meta: Meta| meta.lock.map(|it| it.failures);
    let of = |rescued| failures(anew(&file, rescued, device, &key));
    assert_eq!((of(None), of(without.clone())), (None, None));
    assert_eq!(of(with), Some(cache::MOST));
    file.pinned = true;
    for rescued in [None, without] {
        let spent = failures(anew(&file, rescued, device, &key));
        assert_eq!(spent, Some(cache::MOST));
    }
}
