//! x
use crate::*;
use serde_json::Value;
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestId {
    Integer(i64),
    String(String),
    Unrecognized(Value),
}
crate::__deserialize!(RequestId, crate::support::union::read_untagged);
impl support::union::UntaggedUnion for RequestId {
    fn from_json(value: Value) -> Result<Self, serde_json::Error> {
        Ok(match value {
            Value::String(s) => Self::String(s),
            v => match v.as_i64() {
                Some(i) => Self::Integer(i),
                None => Self::Unrecognized(v),
            },
        })
    }
}
impl serde_core::Serialize for RequestId {
    fn serialize<S: serde_core::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Integer(i) => s.serialize_i64(*i),
            Self::String(t) => s.serialize_str(t),
            Self::Unrecognized(v) => v.serialize(s),
        }
    }
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    pub delta: String,
    pub item_id: String,
    pub opt: Option<String>,
    pub opt2: Option<i64>,
    pub f: Field<String>,
    extra: support::Extra,
}
crate::__object! { Delta; 0 delta: required("delta"), 1 item_id: required("itemId"), 2 opt: nullable("opt"), 3 opt2: optional("opt2"), 4 f: three_state("f"), }
crate::__setters! { Delta; nullable opt(impl Into<String>) "opt", three_state f/f_null(impl Into<String>) "f", optional opt2(i64) "opt2", }
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Av {
    pub text: String,
    extra: support::Extra,
}
crate::__object! { Av, "type" = "a"; 0 text: required("text"), }
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bv {
    pub text: Option<Vec<Av>>,
    extra: support::Extra,
}
crate::__object! { Bv, "type" = "b"; 0 text: nullable("text"), }
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Un {
    A(Av),
    B(Box<Bv>),
    Unrecognized(UnrecognizedVariant),
}
crate::__tagged_union! { Un, "type"; 0 A(Av) = "a", 1 B(Bv) = "b", }
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    Free,
    Plus,
    Unrecognized(String),
}
crate::__string_enum! { Plan; Free = "free", Plus = "plus", }
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ke {
    Free,
    Plus(Av),
    Unrecognized(Value),
}
crate::__keyed_union! { Ke; strings { 0 Free = "free", } keys { 0 Plus = "plus", } }
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerNotification {
    D(Delta),
    U(Box<Un>),
    Unrecognized(UnrecognizedMessage),
}
crate::__message_union! { ServerNotification; 0 D(Delta) = "d", 1 U(Un) = "u", }
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerRequest {
    D(Delta),
    Unrecognized(UnrecognizedMessage),
}
crate::__message_union! { ServerRequest; 0 D(Delta) = "d", }
#[test]
fn t() {
    for l in [
        r#"{"method":"d","params":{"delta":"x","itemId":"y","opt":null,"zz":[1]},"emittedAtMs":5}"#,
        r#"{"method":"d","id":1,"params":{"delta":"x","opt":null,"zz":[1]},"emittedAtMs":5}"#,
        r#"{"method":"u","params":{"text":[{"text":"1","type":"a"},{"type":"a"}],"type":"b"}}"#,
        r#"{"method":"u","params":{"type":"b","text":[{"text":"1","type":"a"},{"type":"a"}]}}"#,
        r#"{"id":4,"result":{}}"#,
        r#"{"error":{"code":1,"message":"x"},"id":"a"}"#,
        "[1]",
        r#"{"params":{"type":"q","z":1},"method":"u"}"#,
    ] {
        let m = rpc::ServerMessage::parse(l);
        println!("{m:?}");
        if let Ok(rpc::ServerMessage::Notification(n)) = &m {
            println!("  {}", serde_json::to_string(n).unwrap());
        }
    }
}
