use super::*;

fn api(members: &[(&str, Role)]) -> Api {
    Api {
        home: PathBuf::new(),
        process: None,
        url: String::new(),
        password: String::new(),
        members: members
            .iter()
            .map(|&(email, role)| Member {
                email: email.to_owned(),
                role,
            })
            .collect(),
    }
}

#[test]
fn the_colleague_is_a_technician_and_somebody_else() {
    let api = api(&[
        ("o@example.com", Role::Owner),
        ("t@example.com", Role::Technician),
        ("u@example.com", Role::Technician),
    ]);
    let people = |role| api.people(role).unwrap();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        people(Role::Technician),
        pair("t@example.com", "u@example.com")
    );
    assert_eq!(people(Role::Owner), pair("o@example.com", "t@example.com"));
    assert!(api.people(Role::Viewer).unwrap_err().contains("viewer"));
}

#[test]
fn every_demo_has_a_password_of_its_own() {
    let one = password().unwrap();
    assert_eq!(one.len(), 32);
    assert_ne!(one, password().unwrap());
}
