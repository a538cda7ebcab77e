//! Histories with deletions, mergers, erasures, settlements and undos.

use std::collections::BTreeSet;

use proptest::prelude::*;
use redtag_protocol::{
    apply::{Context, apply, apply_to, begin},
    customer::Customer,
    entity::{Entity, EntityRef, World},
    ids::ShopId,
    merge::{Fields, Write},
    op::{Edit, Operation, RefusalCode, Verdict},
    role::Role,
    settle::{Stand, settle},
    stamp::{Seq, Stamp},
    vehicle::Vehicle,
};
use serde_json::Value;

use crate::shop::{
    Shop, created, customer_id, customer_write, device, edit, inspection_id, person, step,
    vehicle_id, vehicle_write,
};

fn keys() -> Vec<EntityRef> {
    (0..3)
        .flat_map(|n| {
            [
                EntityRef::Customer(customer_id(n)),
                EntityRef::Vehicle(vehicle_id(n)),
                EntityRef::Inspection(inspection_id(n)),
            ]
        })
        .collect()
}

/// One bench that has pulled nothing since it began: what it foresees, and what the API makes of it.
struct Lone {
    here: World,
    api: World,
    seq: Seq,
    number: u64,
}

impl Lone {
    fn new() -> Self {
        let mut shop = Shop::new();
        created(&mut shop);
        Self {
            here: shop.world.clone(),
            api: shop.world,
            seq: shop.seq,
            number: 100,
        }
    }

    fn edit(&mut self, edit: Edit, base: Seq, stamp: u64) -> Option<Verdict> {
        begin(&self.here, &edit).ok()?;
        self.number += 1;
        let operation = Operation {
            number: self.number,
            group: self.number,
            stamp: Stamp(stamp),
            base,
            seen: None,
            schema: edit.schema(),
            edit,
        };
        let mut context = Context {
            shop: ShopId::from_parts(0, [0; 10]),
            person: person(0),
            role: Role::Owner,
            device: device(0),
            seq: None,
            ticket: None,
        };
        let foreseen = apply_to(&mut self.here, &operation, &context);
        context.seq = Some(self.seq.next());
        context.ticket = Some(7);
        let decided = apply_to(&mut self.api, &operation, &context);
        match (foreseen, decided) {
            (Ok(foreseen), Ok(decided)) => {
                assert_eq!(foreseen.verdict, decided.verdict, "{operation:?}");
                self.seq.0 += decided.parts().count() as u64;
                Some(decided.verdict)
            }
            (Err(foreseen), Err(decided)) => {
                assert_eq!(foreseen, decided);
                None
            }
            // Whether anything is told of somebody who is not here, the API alone knows.
            (Ok(_), Err(decided))
                if matches!(operation.edit, Edit::EraseCustomer { .. })
                    && decided.code == RefusalCode::NotFound =>
            {
                self.here = self.api.clone();
                None
            }
            (foreseen, decided) => panic!("{foreseen:?} but {decided:?} for {operation:?}"),
        }
    }
}

/// A body without what only the API gives: places in its order and ticket numbers.
fn bare(entity: &Entity) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Array(list) => {
                let full = list.len() == 5 && list[1].is_string() && list[2].is_u64();
                if full || list.len() == 4 && list[1..].iter().all(Value::is_i64) {
                    list[0] = Value::Null;
                }
                list.iter_mut().for_each(strip);
            }
            Value::Object(map) => {
                map.remove("number");
                map.values_mut().for_each(strip);
            }
            _ => {}
        }
    }
    let mut value = serde_json::from_str(&entity.to_body().unwrap()).unwrap();
    strip(&mut value);
    value
}

fn lone() -> impl Strategy<Value = Vec<(Edit, u64, u64)>> {
    prop::collection::vec((edit(), 0u64..40, 0u64..1_000), 0..60)
}

/// A shop with three customers, by a bench that writes nothing else: everybody has seen them.
fn peopled() -> Shop {
    let mut shop = Shop::new();
    for n in 0..3 {
        let create = Edit::CreateCustomer {
            id: customer_id(n),
            name: "before".to_owned(),
            phones: vec!["before".to_owned()],
            emails: Vec::new(),
            consent: false,
        };
        shop.push(create, 0, 0, 1).unwrap();
    }
    shop
}

fn before() -> (Customer, Vehicle) {
    let shop = peopled();
    let of = |key| shop.world.entity(&key).unwrap().as_ref().clone();
    match (
        of(EntityRef::Customer(customer_id(0))),
        of(EntityRef::Vehicle(vehicle_id(0))),
    ) {
        (Entity::Customer(customer), Entity::Vehicle(vehicle)) => (customer, vehicle),
        other => panic!("{other:?}"),
    }
}

/// Whether two writes are of one field, and each of another value than the other and what stood.
fn meet<W: Write>(one: &W, two: &W, stood: impl Fn(&W) -> W) -> bool {
    one.field() == two.field() && one != two && stood(one) != *one && stood(two) != *two
}

fn open<D: Fields>(document: &D) -> bool {
    !document.conflicts().is_empty()
}

proptest! {
    /// The bench has seen the shop up to its base, or less: its own writes it always knows.
    #[test]
    fn a_lone_device_never_conflicts_and_foresees_what_the_api_makes_of_it(steps in lone()) {
        let mut lone = Lone::new();
        let seen = lone.seq;
        for (edit, later, stamp) in steps {
            let base = Seq(seen.0 + later);
            let key = lone.here.resolve(&edit.target());
            let verdict = lone.edit(edit, base, stamp);
            if verdict == Some(Verdict::ConflictKept) {
                let found = lone.here.entity(&key).unwrap();
                let Entity::Inspection(inspection) = found.as_ref() else {
                    panic!("{found:?}");
                };
                prop_assert!(!inspection.late.is_empty(), "only what came too late");
            }
        }
        for key in keys() {
            let pair = |world: &World| {
                let standing = world.entity(&key).map(|it| bare(it));
                let gone = world.buried(&key).map(|it| bare(it));
                (standing, gone, world.is_erased(&key))
            };
            prop_assert_eq!(pair(&lone.here), pair(&lone.api));
            if let Some(entity) = lone.api.entity(&key) {
                prop_assert!(entity.deletion().is_none());
                let open = match entity.as_ref() {
                    Entity::Customer(it) => open(it),
                    Entity::Vehicle(it) => open(it),
                    Entity::Inspection(it) => open(it.as_ref()),
                    _ => false,
                };
                prop_assert!(!open);
            }
        }
    }

    #[test]
    fn what_was_erased_stays_erased_and_aliases_lead_somewhere(
        steps in prop::collection::vec(step(), 0..80)
    ) {
        let mut shop = Shop::new();
        created(&mut shop);
        let mut erased = BTreeSet::new();
        for (edit, by, behind, stamp) in steps {
            let named = edit.target();
            let to_erased = erased.contains(&named) && !matches!(edit, Edit::EraseCustomer { .. });
            let verdict = shop.push(edit, by, behind, stamp);
            prop_assert!(!(to_erased && verdict.is_some()), "an edit of {named}");
            for key in keys() {
                let (stands, gone) = (shop.world.entity(&key), shop.world.buried(&key));
                prop_assert!(stands.is_none() || gone.is_none());
                if shop.world.is_erased(&key) {
                    erased.insert(key);
                }
                if erased.contains(&key) {
                    prop_assert!(stands.is_none() && gone.is_none() && shop.world.is_erased(&key));
                }
                if let Some(gone) = gone {
                    prop_assert!(gone.deletion().is_some());
                }
                let end = shop.world.resolve(&key);
                prop_assert_eq!(shop.world.resolve(&end), end);
                let merged = shop.world.entity(&end).and_then(|it| it.merged());
                prop_assert!(merged.is_none_or(|it| shop.world.is_erased(&it)
                    || shop.world.entity(&it).is_none()));
                let whole = shop.world.entity(&end).is_some() || shop.world.buried(&end).is_some();
                if end != key && whole {
                    let both = (stands.is_some(), shop.world.entity(&end).is_some());
                    prop_assert_eq!(both.0, both.1, "{} with {}", key, end);
                }
                if let Some(alias) = stands.filter(|it| it.merged().is_some()) {
                    prop_assert!(alias.deletion().is_none(), "nobody can settle that");
                }
                if end != key && let Some(winner) = shop.world.entity(&end) {
                    prop_assert!(winner.aliases().contains(&key), "{end} knows of {key}");
                }
            }
        }
    }

    /// A deletion and an edit that know nothing of each other: in either order the document stands
    /// with the edit in it, and says who wanted it gone.
    #[test]
    fn a_deletion_and_an_edit_meet_in_either_order(write in customer_write(), first in any::<bool>()) {
        let mut shop = Shop::new();
        let create = Edit::CreateCustomer {
            id: customer_id(0),
            name: "before".to_owned(),
            phones: vec!["9".to_owned()],
            emails: Vec::new(),
            consent: false,
        };
        shop.push(create, 0, 0, 1).unwrap();
        let (id, key) = (customer_id(0), EntityRef::Customer(customer_id(0)));
        let changes = match shop.world.entity(&key).unwrap().as_ref() {
            Entity::Customer(it) => it.present(&write) != write,
            other => panic!("{other:?}"),
        };
        prop_assume!(changes);
        let deletes = (Edit::Delete { what: key }, 1);
        let edits = (Edit::Customer { id, write: write.clone() }, 2);
        let order = if first { [deletes, edits] } else { [edits, deletes] };
        for (behind, (edit, by)) in order.into_iter().enumerate() {
            shop.push(edit, by, behind as u64, 5).unwrap();
        }
        let stands = shop.world.entity(&key).unwrap().clone();
        let Entity::Customer(customer) = stands.as_ref() else {
            panic!("{stands:?}");
        };
        prop_assert_eq!(customer.present(&write), write);
        prop_assert_eq!(customer.deletion.unwrap().device, device(1));
        // Whoever settles it either way leaves nothing open.
        let keeps = settle(&stands, "", Stand::Present).unwrap();
        shop.push(keeps, 0, 0, 9).unwrap();
        prop_assert!(shop.world.entity(&key).unwrap().deletion().is_none());
    }

    /// Any field of a customer or vehicle: both values are kept and the same one stands, whichever
    /// came first; and one settlement ends it for good. To say again what stands already is
    /// agreement and no value of its own.
    #[test]
    fn both_values_are_kept_in_either_order(
        customers in (customer_write(), customer_write()),
        vehicles in (vehicle_write(), vehicle_write()),
        stamps in (0u64..50, 0u64..50),
    ) {
        let (c, v) = (customer_id(0), vehicle_id(0));
        let old = before();
        let sides = [
            (
                Edit::Customer { id: c, write: customers.0.clone() },
                Edit::Customer { id: c, write: customers.1.clone() },
                customers.0.field(),
                meet(&customers.0, &customers.1, |write| old.0.present(write)),
            ),
            (
                Edit::Vehicle { id: v, write: vehicles.0.clone() },
                Edit::Vehicle { id: v, write: vehicles.1.clone() },
                vehicles.0.field(),
                meet(&vehicles.0, &vehicles.1, |write| old.1.present(write)),
            ),
        ];
        for (one, two, field, meets) in sides {
            let run = |swap: bool| {
                let mut shop = peopled();
                let mut pair = [(one.clone(), 1u8, stamps.0), (two.clone(), 2, stamps.1)];
                if swap {
                    pair.reverse();
                }
                for (behind, (edit, by, stamp)) in pair.into_iter().enumerate() {
                    shop.push(edit, by, behind as u64, stamp).unwrap();
                }
                shop
            };
            let shops = [run(false), run(true)];
            let seen = shops.each_ref().map(|shop| {
                let entity = shop.world.entity(&one.target()).unwrap();
                let mut body = bare(entity);
                let conflicts = body["conflicts"].take();
                let mut kept: Vec<String> = conflicts[&field]["sides"]
                    .as_array()
                    .map(|sides| sides.iter().map(ToString::to_string).collect())
                    .unwrap_or_default();
                kept.sort();
                (body, kept)
            });
            if meets {
                prop_assert_eq!(&seen[0], &seen[1]);
                prop_assert_eq!(seen[0].1.len(), 2);
                let [mut shop, _] = shops;
                let entity = shop.world.entity(&one.target()).unwrap().clone();
                let settles = settle(&entity, &field, Stand::Present).unwrap();
                prop_assert_eq!(shop.push(settles.clone(), 0, 0, 99), Some(Verdict::Applied));
                let settled = shop.world.entity(&one.target()).unwrap().clone();
                prop_assert_eq!(settle(&settled, &field, Stand::Present), None);
                prop_assert_eq!(shop.push(settles, 3, 0, 99), None, "a viewer settles nothing");
            }
        }
    }
}

/// [`apply`] beside the world leaves it alone.
#[test]
fn beside_the_world_nothing_moves() {
    let mut shop = Shop::new();
    created(&mut shop);
    let key = EntityRef::Inspection(inspection_id(0));
    let before = shop.world.entity(&key).unwrap().clone();
    let operation = Operation {
        number: 1,
        group: 1,
        stamp: Stamp(1),
        base: shop.seq,
        seen: None,
        schema: 2,
        edit: Edit::Delete { what: key },
    };
    let context = Context {
        shop: ShopId::from_parts(0, [0; 10]),
        person: person(0),
        role: Role::Owner,
        device: device(0),
        seq: Some(shop.seq.next()),
        ticket: None,
    };
    apply(&shop.world, &operation, &context).unwrap();
    assert_eq!(shop.world.entity(&key), Some(&before));
}
