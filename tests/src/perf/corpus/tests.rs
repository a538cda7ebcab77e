use std::sync::Arc;

use redtag_protocol::{
    api::ops::Outcome,
    entity::{Entity, Kind},
    ids::{DeviceId, PersonId},
    op::{Operation, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
};
use redtag_server::{
    core::{
        members,
        push::{Recent, Sender, push},
        shops::{self, Templates},
    },
    keys::{MasterKey, ServerKeys},
    storage::{
        Person, Storage,
        sqlite::{Options, SqliteStorage},
    },
};
use serde_json::value::to_raw_value;

use super::{
    book::{Author, Book},
    *,
};

/// What is written down without deciding must be what deciding writes.
#[tokio::test]
async fn the_corpus_is_what_the_api_makes_of_its_steps() {
    let directory = tempfile::tempdir().unwrap();
    let keys = ServerKeys::derive(&MasterKey::of([7; 32]));
    let storage = SqliteStorage::open(Options {
        dir: directory.path().to_owned(),
        control_key: keys.control.clone(),
        wrap: keys.wrapping.clone(),
    });
    let storage: Arc<dyn Storage> = Arc::new(storage.await.unwrap());
    let storage = &*storage;
    let at = Stamp(BEGAN);
    let shop = shops::create(storage, "Garage", Templates::Shipped, at);
    let shop = shop.await.unwrap();
    let author = |role: Role, byte: u8| async move {
        let person = Person {
            id: PersonId::from_bytes([byte; 16]),
            email: format!("{role}@example.com"),
            name: role.to_string(),
            password: "none".to_owned(),
            created: at,
        };
        let id = person.id;
        storage.person_create(person).await.unwrap();
        let put = members::put(storage, shop, id, "Somebody", role, at);
        put.await.unwrap();
        Author {
            person: id,
            device: DeviceId::from_bytes([byte; 16]),
            number: 0,
        }
    };
    let technician = author(Role::Technician, 1).await;
    let desk = author(Role::Owner, 2).await;
    let templates = storage.list(shop, Kind::Template).await.unwrap();
    let template = templates
        .iter()
        .find_map(
            |it| match Entity::from_body(Kind::Template, &it.body).unwrap() {
                Entity::Template(it) if it.key.as_str() == "vehicle-multipoint" => Some(it),
                _ => None,
            },
        )
        .unwrap();
    let head = storage.head(shop).await.unwrap();
    let mut book = Book {
        seq: head.seq,
        hash: head.hash,
        ticket: head.ticket,
        technician,
        desk,
        template: template.clone(),
        dice: Dice::new(2),
    };
    let mut corpus = Corpus::new(template, 6, 3);
    let recent = Recent::default();
    let mut numbers = (0, 0);
    while let Some(steps) = corpus.visit().unwrap() {
        for step in &steps {
            let (author, number) = match step.who {
                Who::Technician => (technician, &mut numbers.0),
                Who::Desk => (desk, &mut numbers.1),
            };
            *number += 1;
            let operation = Operation {
                number: *number,
                group: *number,
                stamp: Stamp(step.at),
                base: Seq(0),
                seen: None,
                schema: SCHEMA,
                edit: step.edit.clone(),
            };
            let sender = Sender {
                person: author.person,
                shop,
                device: author.device,
            };
            let ops = [to_raw_value(&operation).unwrap()];
            let pushed = push(storage, &recent, sender, &ops, Stamp(step.at));
            let answer = pushed.await.unwrap().answer;
            let outcome = &answer.outcomes[0].outcome;
            assert!(
                matches!(outcome, Outcome::Accepted { .. }),
                "{outcome:?} for {:?}",
                step.edit
            );
        }
        let written = book.write(steps).unwrap();
        for (version, entity) in written.documents {
            let stored = storage.documents(shop, vec![entity.key()]).await.unwrap();
            let stored = stored[0].as_ref().unwrap();
            assert_eq!(stored.version, version);
            assert_eq!(*stored.body, entity.to_body().unwrap());
        }
    }
    assert_eq!(storage.head(shop).await.unwrap().seq, book.seq);
    assert_eq!(storage.head(shop).await.unwrap().ticket, book.ticket);
}

#[test]
fn words_come_as_often_as_in_nature() {
    let mut dice = Dice::new(9);
    let text = Words::new().text(&mut dice, 20_000);
    let often = |word: &str| text.split(' ').filter(|it| *it == word).count();
    // By rank 1, 10 and 100 of the list, roughly.
    assert!(often("the") > 2 * often("worn"));
    assert!(often("worn") > 3 * often("tracking"));
    assert_ne!(often("tracking"), 0);
}
