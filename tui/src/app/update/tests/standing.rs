use redtag_protocol::role::Role;

use crate::app::{
    Layer,
    fixture::{CAR, Client},
};

fn told(client: &Client) -> Vec<&str> {
    let told = client.state.told.iter();
    told.map(|(_, said)| said.words.as_str()).collect()
}

#[test]
fn what_was_said_can_be_read_again() {
    let mut client = Client::new(Role::Technician, CAR);
    client.settle();
    client.keys("s<Down>");
    assert_eq!(client.state.said, None);
    assert_eq!(told(&client), ["asked the daemon to synchronise now"]);
    client.keys("<F3>");
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Standing { .. })
    ));
    client.keys("<F3>");
    assert!(client.state.layers.is_empty());
}

#[test]
fn no_more_is_kept_than_one_reads() {
    let mut client = Client::new(Role::Technician, CAR);
    client.settle();
    for number in 0..200 {
        client.state.say(format!("said {number}"));
        client.send(crate::app::Message::Clock);
    }
    let told = told(&client);
    assert_eq!(told.len(), 50);
    assert_eq!(told.last(), Some(&"said 199"));
}
