use bytes::BytesMut;
use tokio_postgres::types::{ToSql as _, Type};

use super::{Value, arrange};

fn sent(values: &[&Value<'_>]) -> Vec<Vec<u8>> {
    let send = |value: &&Value<'_>| {
        let mut out = BytesMut::new();
        value.to_sql_checked(&Type::TEXT, &mut out).unwrap();
        out.to_vec()
    };
    values.iter().map(send).collect()
}

#[test]
fn values_go_where_their_names_stand() {
    let given = named! {a: "1", b: "2", c: "3"};
    let arranged = arrange(&["c", "a", "b"], &given).unwrap();
    assert_eq!(sent(&arranged), [b"3", b"1", b"2"]);
}

#[test]
fn a_name_too_many_or_too_few_is_an_error() {
    let given = named! {a: "1", b: "2"};
    for names in [&["a"][..], &["a", "b", "c"], &[]] {
        let refused = arrange(names, &given).unwrap_err();
        assert!(refused.to_string().contains("the parameter :"), "{refused}");
    }
}

#[test]
fn a_value_of_another_kind_than_the_column_is_not_sent() {
    let mut out = BytesMut::new();
    let number = Value::from(1_i64);
    assert!(number.to_sql_checked(&Type::UUID, &mut out).is_err());
    assert!(
        Value::from("1")
            .to_sql_checked(&Type::INT8, &mut out)
            .is_err()
    );
    assert!(out.is_empty());
}

#[test]
fn what_people_wrote_is_not_printed() {
    let given = named! {body: "a secret of Rosa's"};
    assert!(!format!("{given:?}").contains("Rosa"));
}
