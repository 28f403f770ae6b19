//! The tables of the generated code, and the impls they stand for.
//!
//! Each macro repeats a fixed pattern and decides nothing.

/// An object with named fields: `number field: kind("wire name")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __object {
    (
        $name:ident $(, $tag_name:literal = $tag_value:literal)?;
        $($index:literal $field:ident: $kind:ident($wire:literal),)*
    ) => {
        impl $crate::support::object::Object for $name {
            const SHAPE: &'static $crate::support::object::Shape =
                &$crate::support::object::Shape::new(
                    &[$($wire),*],
                    &[$($crate::support::object::Kind::$kind),*],
                )$(.tagged($tag_name, $tag_value))?;

            fn read<'de, A: $crate::support::macros::MapAccess<'de>>(
                entries: &mut $crate::support::object::Entries<A, A::Error>,
            ) -> Option<Self> {
                $(let mut $field = $crate::support::object::Slot::$kind;)*
                loop {
                    match entries.next_field() {
                        $($index => entries.$kind(&mut $field),)*
                        _ => break,
                    }
                }
                let extra = entries.extra();
                match ($($field,)*) {
                    ($(Some($field),)*) => Some(Self { $($field,)* extra }),
                    #[allow(unreachable_patterns, reason = "some objects have no fields")]
                    _ => None,
                }
            }
        }

        impl $crate::support::macros::Serialize for $name {
            fn serialize<S: $crate::support::macros::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                #[allow(unused_mut, reason = "some objects have no fields")]
                let mut fields = $crate::support::object::Fields::new(
                    serializer,
                    <Self as $crate::support::object::Object>::SHAPE,
                    &self.extra,
                );
                $(fields.$kind($index, &self.$field);)*
                fields.finish()
            }
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $($crate::support::object::is_equal(&self.$field, &other.$field) &&)*
                $crate::support::object::is_equal(&self.extra, &other.extra)
            }
        }

        impl Eq for $name {}

        impl $name {
            /// The fields this version of the crate does not know, by wire name.
            #[inline]
            pub fn extra(&self) -> &$crate::support::macros::Map<String, $crate::support::macros::Value> {
                self.extra.fields()
            }

            /// The fields this version of the crate does not know, to change.
            #[inline]
            pub fn extra_mut(&mut self) -> &mut $crate::support::macros::Map<String, $crate::support::macros::Value> {
                self.extra.fields_mut()
            }
        }

        $crate::__deserialize!($name, $crate::support::object::read_object);
    };
}

/// `Decode`, `Deserialize` and `Serialize` by one function each way.
#[doc(hidden)]
#[macro_export]
macro_rules! __serde {
    ($name:ident, $read:expr, $write:expr) => {
        $crate::__deserialize!($name, $read);

        impl $crate::support::macros::Serialize for $name {
            fn serialize<S: $crate::support::macros::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                $write(self, serializer)
            }
        }
    };
}

/// `Decode` and `Deserialize` by one function.
#[doc(hidden)]
#[macro_export]
macro_rules! __deserialize {
    ($name:ident, $read:expr) => {
        impl $crate::support::decode::Decode for $name {}

        impl<'de> $crate::support::macros::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::support::macros::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $read(deserializer)
            }
        }
    };
}

/// Chainable setters: `field(argument type) "wire name"`.
#[doc(hidden)]
#[macro_export]
macro_rules! __setters {
    ($name:ident; $($field:ident $(/ $null:ident)? ($argument:ty) $wire:literal,)*) => {
        impl $name {
            $(
                #[doc = concat!("Sets `", $wire, "`.")]
                #[must_use]
                #[inline]
                pub fn $field(mut self, value: $argument) -> Self {
                    $crate::support::macros::set(&mut self.$field, value);
                    self
                }

                $(
                    #[doc = concat!("Sends `", $wire, "` as `null`.")]
                    #[must_use]
                    #[inline]
                    pub fn $null(mut self) -> Self {
                        self.$field = $crate::Field::Null;
                        self
                    }
                )?
            )*
        }
    };
}

/// An open enumeration of strings: `Variant = "wire value"`.
#[doc(hidden)]
#[macro_export]
macro_rules! __string_enum {
    ($name:ident; $($variant:ident = $wire:literal,)*) => {
        impl $name {
            /// The values this version of the crate knows.
            pub const KNOWN: &'static [&'static str] = &[$($wire),*];

            /// The value on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Unrecognized(value) => value,
                }
            }

            #[inline]
            fn known(value: &str) -> Option<Self> {
                match value {
                    $($wire => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(value: &str) -> Self {
                Self::known(value).unwrap_or_else(|| Self::Unrecognized(value.to_owned()))
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(value: String) -> Self {
                Self::known(&value).unwrap_or(Self::Unrecognized(value))
            }
        }

        $crate::__text!($name, |deserializer| {
            $crate::support::text::read_text(deserializer, Self::known, Self::Unrecognized)
        });
    };
}

/// A string with a name of its own.
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype {
    ($name:ident) => {
        impl $name {
            /// Names this string.
            #[inline]
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The string.
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The string by itself.
            #[inline]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(value: &str) -> Self {
                Self(value.to_owned())
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(value: String) -> Self {
                Self(value)
            }
        }

        impl From<&$name> for $name {
            #[inline]
            fn from(value: &$name) -> Self {
                value.clone()
            }
        }

        impl From<$name> for String {
            #[inline]
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;

            #[inline]
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            #[inline]
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        $crate::__text!($name, |deserializer| {
            <String as $crate::support::macros::Deserialize>::deserialize(deserializer).map(Self)
        });
    };
}

/// What every type that is a string on the wire can do.
#[doc(hidden)]
#[macro_export]
macro_rules! __text {
    ($name:ident, |$deserializer:ident| $read:block) => {
        impl $crate::support::decode::Decode for $name {}

        impl<'de> $crate::support::macros::Deserialize<'de> for $name {
            fn deserialize<D: $crate::support::macros::Deserializer<'de>>(
                $deserializer: D,
            ) -> Result<Self, D::Error> $read
        }

        impl $crate::support::macros::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::support::macros::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }
    };
}

/// A union of objects told apart by a tag: `number Variant(Payload) = "tag"`.
#[doc(hidden)]
#[macro_export]
macro_rules! __tagged_union {
    ($name:ident, $tag_name:literal; $($index:literal $variant:ident($payload:ident) = $tag:literal,)*) => {
        impl $crate::support::union::TaggedUnion for $name {
            const TAG: &'static [&'static str] = &[$tag_name];
            const TAGS: &'static [&'static str] = &[$($tag),*];

            fn read_known<'de, A: $crate::support::macros::MapAccess<'de>>(
                index: usize,
                access: A,
            ) -> Result<Self, A::Error> {
                match index {
                    $($index => $crate::support::object::read_variant(access).map(Self::$variant),)*
                    _ => Err($crate::support::macros::no_such_number(index)),
                }
            }

            fn unrecognized(variant: $crate::UnrecognizedVariant) -> Self {
                Self::Unrecognized(variant)
            }
        }

        impl $crate::support::macros::Serialize for $name {
            fn serialize<S: $crate::support::macros::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(variant) => {
                        $crate::support::macros::Serialize::serialize(variant, serializer)
                    })*
                    Self::Unrecognized(variant) => {
                        $crate::support::union::write_unrecognized(variant, $tag_name, serializer)
                    }
                }
            }
        }

        $crate::__deserialize!($name, $crate::support::union::read_tagged);

        impl $name {
            #[doc = concat!("The value of `", $tag_name, "`, which tells the variants apart.")]
            #[inline]
            pub fn tag(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $tag,)*
                    Self::Unrecognized(variant) => variant.tag(),
                }
            }
        }

        $(
            impl From<$payload> for $name {
                #[inline]
                fn from(variant: $payload) -> Self {
                    Self::$variant(variant.into())
                }
            }

            impl TryFrom<$name> for $payload {
                type Error = $name;

                /// Gives the union back when it is another variant.
                #[inline]
                fn try_from(union: $name) -> Result<Self, $name> {
                    match union {
                        $name::$variant(variant) => Ok($crate::support::macros::unbox(variant)),
                        other => Err(other),
                    }
                }
            }
        )*
    };
}

/// A union of strings and one-key objects.
#[doc(hidden)]
#[macro_export]
macro_rules! __keyed_union {
    (
        $name:ident;
        strings { $($string_index:literal $string:ident = $string_wire:literal,)* }
        keys { $($key_index:literal $key:ident = $key_wire:literal,)* }
    ) => {
        impl $crate::support::union::KeyedUnion for $name {
            const STRINGS: &'static [&'static str] = &[$($string_wire),*];
            const KEYS: &'static [&'static str] = &[$($key_wire),*];

            fn from_string(index: usize) -> Option<Self> {
                match index {
                    $($string_index => Some(Self::$string),)*
                    _ => None,
                }
            }

            fn from_entry(
                index: usize,
                value: &$crate::support::macros::Value,
            ) -> Result<Self, $crate::support::macros::JsonError> {
                match index {
                    $($key_index => $crate::support::union::reread(value).map(Self::$key),)*
                    _ => Ok(Self::Unrecognized(value.clone())),
                }
            }

            fn unrecognized(value: $crate::support::macros::Value) -> Self {
                Self::Unrecognized(value)
            }
        }

        impl $crate::support::macros::Serialize for $name {
            fn serialize<S: $crate::support::macros::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$string => serializer.serialize_str($string_wire),)*
                    $(Self::$key(value) => {
                        $crate::support::union::write_entry($key_wire, value, serializer)
                    })*
                    Self::Unrecognized(value) => {
                        $crate::support::macros::Serialize::serialize(value, serializer)
                    }
                }
            }
        }

        $crate::__deserialize!($name, $crate::support::union::read_keyed);
    };
}

/// A union of messages told apart by their method: `number Variant(Params) = "method"`, sorted.
#[doc(hidden)]
#[macro_export]
macro_rules! __message_union {
    ($name:ident; $($index:literal $variant:ident($params:ty) = $method:literal,)*) => {
        impl $crate::support::message::MessageUnion for $name {
            const METHODS: &'static [&'static str] = &[$($method),*];

            fn read_params<'de, D: $crate::support::macros::Deserializer<'de>>(
                slot: &mut Option<Self>,
                index: usize,
                params: D,
            ) -> Result<(), D::Error> {
                match index {
                    $($index => {
                        *slot = Some(Self::$variant($crate::support::decode::Decode::decode(params)?));
                    })*
                    _ => return Err($crate::support::macros::no_such_number(index)),
                }
                Ok(())
            }

            fn unrecognized(message: $crate::UnrecognizedMessage) -> Self {
                Self::Unrecognized(message)
            }
        }

        impl $crate::support::message::WriteMessage for $name {
            fn write<M: $crate::support::macros::SerializeMap>(
                &self,
                map: &mut M,
            ) -> Result<(), M::Error> {
                match self {
                    $(Self::$variant(params) => {
                        $crate::support::message::write_entries(map, $method, params)
                    })*
                    Self::Unrecognized(message) => {
                        $crate::support::message::write_unrecognized(map, message)
                    }
                }
            }
        }

        $crate::__serde!(
            $name,
            $crate::support::message::read_message,
            $crate::support::message::write_message
        );

        impl $name {
            /// The methods this version of the crate knows, sorted.
            pub const METHODS: &'static [&'static str] = &[$($method),*];

            /// The method on the wire.
            #[inline]
            pub fn method(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $method,)*
                    Self::Unrecognized(message) => message.method(),
                }
            }
        }
    };
}

/// Methods as types: `Name = "wire/name" (Params) -> Response, Stability;`.
#[doc(hidden)]
#[macro_export]
macro_rules! __methods {
    (
        $direction:ident;
        $($(#[$docs:meta])* $name:ident = $wire:literal ($params:ty) -> $response:ty, $stability:ident;)*
    ) => {$(
        $(#[$docs])*
        #[derive(Debug)]
        #[non_exhaustive]
        pub enum $name {}

        impl $crate::Method for $name {
            const NAME: &'static str = $wire;
            const STABILITY: $crate::Stability = $crate::Stability::$stability;
            type Params = $params;
            type Response = $response;
        }

        impl $crate::$direction for $name {}
    )*};
}

/// Notifications as types: `Name = "wire/name" (Params), Stability;`.
#[doc(hidden)]
#[macro_export]
macro_rules! __notifications {
    ($($(#[$docs:meta])* $name:ident = $wire:literal ($params:ty), $stability:ident;)*) => {$(
        $(#[$docs])*
        #[derive(Debug)]
        #[non_exhaustive]
        pub enum $name {}

        impl $crate::NotificationMethod for $name {
            const NAME: &'static str = $wire;
            const STABILITY: $crate::Stability = $crate::Stability::$stability;
            type Params = $params;
        }
    )*};
}

/// `JsonSchema` for every model, from the definitions beside the table; they refer to `others`.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! __json_schema {
    (models { $($name:ident,)* } others { $($other:ident,)* }) => {
        static MODELS: $crate::support::json_schema::Models =
            $crate::support::json_schema::Models::new(include_str!("definitions.json"), &[
                $((stringify!($name), |generator| generator.subschema_for::<$name>()),)*
                $((stringify!($other), |generator| generator.subschema_for::<$other>()),)*
            ]);

        $(
            impl schemars::JsonSchema for $name {
                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($name).into()
                }

                fn schema_id() -> std::borrow::Cow<'static, str> {
                    $crate::support::json_schema::id(stringify!($name))
                }

                fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                    MODELS.schema(stringify!($name), generator)
                }
            }
        )*
    };
}

pub use serde_core::de::{Deserialize, Deserializer, MapAccess};
pub use serde_core::ser::{Serialize, SerializeMap, Serializer};
pub use serde_json::{Error as JsonError, Map, Value};

/// The error for a number that no table holds; the tables are generated, so it is never seen.
#[cold]
pub fn no_such_number<E: serde_core::de::Error>(index: usize) -> E {
    E::custom(format_args!("no variant has the number {index}"))
}

/// Fills an optional field.
#[inline]
pub fn set<T, F: Fill<T>>(field: &mut F, value: impl Into<T>) {
    *field = F::full(value.into());
}

/// An optional field of either kind.
pub trait Fill<T> {
    /// The field with a value.
    fn full(value: T) -> Self;
}

impl<T> Fill<T> for Option<T> {
    #[inline]
    fn full(value: T) -> Self {
        Some(value)
    }
}

impl<T> Fill<T> for crate::Field<T> {
    #[inline]
    fn full(value: T) -> Self {
        Self::Value(value)
    }
}

/// Takes a payload out of its variant, boxed or not.
#[inline]
pub fn unbox<T>(payload: impl Unbox<T>) -> T {
    payload.unbox()
}

/// A payload that may be boxed.
pub trait Unbox<T> {
    /// The payload by itself.
    fn unbox(self) -> T;
}

impl<T: crate::support::object::Object> Unbox<T> for T {
    #[inline]
    fn unbox(self) -> T {
        self
    }
}

impl<T: crate::support::object::Object> Unbox<T> for Box<T> {
    #[inline]
    fn unbox(self) -> T {
        *self
    }
}
