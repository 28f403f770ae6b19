//! Unions of models, by tag and by key.

/// A union of objects by their tag: `number Variant(Payload) = "tag"`.
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

                /// Returns the union when it is another variant.
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
