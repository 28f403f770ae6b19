//! Unions of models, by tag and by key.

/// A union of objects by their tag: `number Variant(Payload) = "tag"`.
#[doc(hidden)]
#[macro_export]
macro_rules! __tagged_union {
    ($name:ident, $tag_name:literal; $($index:literal $variant:ident($payload:ident) = $tag:literal,)*) => {
        impl $crate::support::union::TaggedUnion for $name {
            crate::__table_fn! {
                fn tags(&self) -> (&'static str, &'static [&'static str]) {
                    ($tag_name, &[$($tag),*])
                }
            }

            crate::__table_fn! {
                fn select(&mut self, index: usize) -> Option<&mut dyn $crate::support::object::Object> {
                    *self = match index {
                        $($index => Self::$variant($crate::support::decode::Decode::blank()),)*
                        _ => return None,
                    };
                    match self {
                        $(Self::$variant(variant) => Some(variant),)*
                        Self::Unrecognized(_) => None,
                    }
                }
            }

            crate::__table_fn! {
                fn unrecognized(&mut self, variant: $crate::UnrecognizedVariant) {
                    *self = Self::Unrecognized(variant);
                }
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

        $crate::__decode! {
            $name,
            $crate::support::union::read_tagged,
            Self::Unrecognized($crate::UnrecognizedVariant::new(
                String::new(),
                $crate::support::macros::Map::new(),
            ))
        }

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
            crate::__table_fn! {
                fn names(&self) -> $crate::support::union::KeyedNames {
                    $crate::support::union::KeyedNames {
                        strings: &[$($string_wire),*],
                        keys: &[$($key_wire),*],
                    }
                }
            }

            crate::__table_fn! {
                fn select_string(&mut self, index: usize) -> bool {
                    *self = match index {
                        $($string_index => Self::$string,)*
                        _ => return false,
                    };
                    true
                }
            }

            crate::__table_fn! {
                fn select_key(&mut self, index: usize) -> Option<&mut dyn $crate::support::decode::Decode> {
                    *self = match index {
                        $($key_index => Self::$key($crate::support::decode::Decode::blank()),)*
                        _ => return None,
                    };
                    match self {
                        $(Self::$key(value) => Some(value),)*
                        _ => None,
                    }
                }
            }

            crate::__table_fn! {
                fn unrecognized(&mut self, value: $crate::support::macros::Value) {
                    *self = Self::Unrecognized(value);
                }
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

        $crate::__decode_value_union!($name, $crate::support::union::read_keyed);
    };
}

/// A union distinguished by the kind of JSON or by keys; its `SHAPES` stand beside the table.
#[doc(hidden)]
#[macro_export]
macro_rules! __untagged_union {
    ($name:ident; $($index:literal $variant:ident,)*) => {
        impl $crate::support::union::UntaggedUnion for $name {
            crate::__table_fn! {
                fn shapes(&self) -> &'static [$crate::support::union::Shape] {
                    Self::SHAPES
                }
            }

            crate::__table_fn! {
                fn select(&mut self, index: usize) -> Option<&mut dyn $crate::support::decode::Decode> {
                    *self = match index {
                        $($index => Self::$variant($crate::support::decode::Decode::blank()),)*
                        _ => return None,
                    };
                    match self {
                        $(Self::$variant(value) => Some(value),)*
                        Self::Unrecognized(_) => None,
                    }
                }
            }

            crate::__table_fn! {
                fn unrecognized(&mut self, value: $crate::support::macros::Value) {
                    *self = Self::Unrecognized(value);
                }
            }
        }

        impl $crate::support::macros::Serialize for $name {
            fn serialize<S: $crate::support::macros::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(value) => {
                        $crate::support::macros::Serialize::serialize(value, serializer)
                    })*
                    Self::Unrecognized(value) => {
                        $crate::support::macros::Serialize::serialize(value, serializer)
                    }
                }
            }
        }

        $crate::__decode_value_union!($name, $crate::support::union::read_untagged);
    };
}

/// `Decode` and `Deserialize` of a union that keeps unknown values.
#[doc(hidden)]
#[macro_export]
macro_rules! __decode_value_union {
    ($name:ident, $read:path) => {
        $crate::__decode! {
            $name,
            $read,
            Self::Unrecognized($crate::support::macros::Value::Null),
            {
                #[inline]
                fn is_plain(&self, reader: &mut $crate::support::decode::Reader<'_>) -> bool {
                    match self {
                        Self::Unrecognized(value) => {
                            $crate::support::decode::Decode::is_plain(value, reader)
                        }
                        _ => false,
                    }
                }
            }
        }
    };
}

/// Accessors of payloads: `function Variant(binding): result type = expression`.
#[doc(hidden)]
#[macro_export]
macro_rules! __payloads {
    ($name:ident; $($(#[$attribute:meta])* $function:ident $variant:ident($value:ident): $result:ty = $borrowed:expr,)*) => {
        impl $name {
            $(
                #[doc = concat!("Returns the payload of [`Self::", stringify!($variant), "`].")]
                $(#[$attribute])*
                #[inline]
                pub fn $function(&self) -> Option<$result> {
                    match self {
                        Self::$variant($value) => Some($borrowed),
                        _ => None,
                    }
                }
            )*
        }
    };
}
