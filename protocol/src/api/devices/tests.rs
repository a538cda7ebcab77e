use super::*;

#[test]
fn digests_are_read_as_they_were_written() {
    let digests = Digests(vec![Some([1; 8]), None, Some([255; 8])]);
    let text = serde_json::to_string(&digests).unwrap();
    assert_eq!(text.len(), 32 + 2);
    assert_eq!(serde_json::from_str::<Digests>(&text).unwrap(), digests);
    for other in ["\"AAAA\"", "\"?\"", "7"] {
        serde_json::from_str::<Digests>(other).unwrap_err();
    }
}
