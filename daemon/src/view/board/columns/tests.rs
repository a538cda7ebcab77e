use proptest::prelude::*;
use redtag_protocol::ids::{CustomerId, VehicleId};

use crate::view::{
    board::{Board, NONE, Notes},
    lean::{Lean, LeanCustomer, LeanVehicle},
};

fn id(which: usize) -> [u8; 16] {
    let mut id = [7; 16];
    id[15] = u8::try_from(which).unwrap();
    id
}

/// Vehicles and customers of which some were merged into others, also in a ring.
fn board(of: &[(String, Option<usize>)]) -> Board {
    let mut board = Board::default();
    for (which, (words, merged)) in of.iter().enumerate() {
        board.put_lean(&Lean::Customer(LeanCustomer {
            id: CustomerId::from_bytes(id(which)),
            name: words.into(),
            contact: "".into(),
            merged: merged.map(|it| CustomerId::from_bytes(id(it))),
            conflicts: 0,
        }));
        board.put_lean(&Lean::Vehicle(LeanVehicle {
            id: VehicleId::from_bytes(id(which)),
            year: u16::try_from(1990 + which).ok(),
            name: words.into(),
            plate: format!("{words} {which}").into(),
            vin: words.to_uppercase().into(),
            serial: "".into(),
            merged: merged.map(|it| VehicleId::from_bytes(id(it))),
            conflicts: 0,
            owners: Vec::new(),
        }));
    }
    board
}

proptest! {
    #[test]
    fn all_at_once_are_as_one_by_one(
        of in proptest::collection::vec(("[ab1 ]{0,6}", proptest::option::of(0..70_usize)), 1..70),
        word in "[ab19]{1,3}",
    ) {
        let board = board(&of);
        let word = board.word(&word, &Notes::default());
        let columns = board.columns(&word);
        let mut digits = Vec::new();
        for slot in (0..80).chain([NONE]) {
            let alone = board.vehicle_holds(slot, &word, &mut digits);
            prop_assert_eq!(columns.vehicles.has(slot), alone, "vehicle {}", slot);
            let alone = board.customer_holds(slot, &word.finder);
            prop_assert_eq!(columns.customers.has(slot), alone, "customer {}", slot);
        }
    }
}
