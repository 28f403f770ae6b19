//! One member of a JSON text, without a type for the rest of it.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor,
};

/// Decodes the member at a path of names; `None` if the last object does not have it. The last one
/// counts where a name comes twice.
pub(crate) fn member<'a, T: Deserialize<'a>>(
    text: &'a str,
    path: &[&'static str],
) -> serde_json::Result<Option<T>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let found = Seek::new(path).deserialize(&mut reader)?;
    reader.end()?;
    Ok(found)
}

/// The same of a member that has to be there.
pub(crate) fn required<'a, T: Deserialize<'a>>(
    text: &'a str,
    path: &[&'static str],
) -> serde_json::Result<T> {
    let name = path.last().copied().unwrap_or_default();
    member(text, path)?.ok_or_else(|| serde_json::Error::missing_field(name))
}

struct Seek<'p, T> {
    path: &'p [&'static str],
    target: PhantomData<T>,
}

impl<'p, T> Seek<'p, T> {
    fn new(path: &'p [&'static str]) -> Self {
        let target = PhantomData;
        Self { path, target }
    }
}

impl<'a, T: Deserialize<'a>> DeserializeSeed<'a> for Seek<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<Option<T>, D::Error> {
        match self.path {
            [] => T::deserialize(reader).map(Some),
            _ => reader.deserialize_map(self),
        }
    }
}

impl<'a, T: Deserialize<'a>> Visitor<'a> for Seek<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<Option<T>, A::Error> {
        let Some((name, rest)) = self.path.split_first() else {
            return Ok(None);
        };
        let (mut found, mut is_there) = (None, false);
        while let Some(is_meant) = members.next_key_seed(Is(name))? {
            if is_meant {
                found = members.next_value_seed(Seek::new(rest))?;
                is_there = true;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        if is_there || rest.is_empty() {
            return Ok(found);
        }
        Err(A::Error::missing_field(name))
    }
}

/// Compares a key with a name.
struct Is(&'static str);

impl<'a> DeserializeSeed<'a> for Is {
    type Value = bool;

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Is {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{member, required};

    #[test]
    fn member_is_found_among_others() {
        let text = r#"{"a":[{"b":1}],"c":{"x":null,"d\u0065":"f","g":{}}}"#;
        let found = |path: &[&'static str]| member::<String>(text, path).unwrap();
        assert_eq!(found(&["c", "de"]).as_deref(), Some("f"));
        assert_eq!(found(&["c", "other"]), None);
        assert_eq!(found(&["other"]), None);
        assert_eq!(member::<Option<u8>>(text, &["c", "x"]).unwrap(), Some(None));
    }

    #[test]
    fn place_of_a_missing_member_is_named() {
        let error = |text, path: &[&'static str]| {
            let error = required::<String>(text, path).unwrap_err();
            error.to_string()
        };
        assert!(error("{}", &["a"]).starts_with("missing field `a`"));
        assert!(error("{}", &["a", "b"]).starts_with("missing field `a`"));
        assert!(error(r#"{"a":{}}"#, &["a", "b"]).starts_with("missing field `b`"));
    }

    #[test]
    fn text_that_is_no_object_or_no_json_is_an_error() {
        for text in [
            "[]",
            "7",
            "null",
            "",
            r#"{"a":"b""#,
            r#"{"a":"b"} c"#,
            r#"{"a":[}"#,
        ] {
            assert!(member::<String>(text, &["a"]).is_err(), "{text}");
        }
        assert!(member::<String>(r#"{"a":7}"#, &["a"]).is_err());
        assert!(member::<String>(r#"{"a":7}"#, &["a", "b"]).is_err());
    }
}
