//! Strings on the wire: open enumerations, and strings with a name of their own.

/// An open enumeration of strings: `number Variant = "wire value"`.
#[doc(hidden)]
#[macro_export]
macro_rules! __string_enum {
    ($name:ident; $($index:literal $variant:ident = $wire:literal,)*) => {
        impl $name {
            /// The values that are known to this version of the crate.
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
                match $crate::support::text::position(Self::KNOWN, value)? {
                    $($index => Some(Self::$variant),)*
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

        /// For command lines: only the known values. `From` keeps any other value as
        /// `Unrecognized`.
        impl std::str::FromStr for $name {
            type Err = $crate::UnknownValue;

            #[inline]
            fn from_str(value: &str) -> Result<Self, $crate::UnknownValue> {
                Self::known(value).ok_or_else(|| $crate::UnknownValue::new(value, Self::KNOWN))
            }
        }

        impl $crate::support::text::Text for $name {
            crate::__table_fn! {
                fn set(&mut self, text: std::borrow::Cow<'_, str>) {
                    *self = match Self::known(&text) {
                        Some(known) => known,
                        None => Self::Unrecognized(text.into_owned()),
                    };
                }
            }
        }

        $crate::__text! {
            $name, $crate::support::text::read_text, Self::Unrecognized(String::new())
        }
    };
}

/// A string with a name of its own. Cheap to clone: all clones share the text.
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype {
    ($name:ident) => {
        impl $name {
            /// Names this string.
            #[inline]
            pub fn new(value: impl Into<std::sync::Arc<str>>) -> Self {
                Self(value.into().into())
            }

            /// The string.
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The string alone.
            #[inline]
            pub fn into_string(self) -> String {
                String::from(&*self.0)
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(value: &str) -> Self {
                Self(value.into())
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }

        impl From<std::sync::Arc<str>> for $name {
            #[inline]
            fn from(value: std::sync::Arc<str>) -> Self {
                Self(value.into())
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            #[inline]
            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(value))
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
                value.into_string()
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

        impl $name {
            #[inline]
            fn read_shared(
                &mut self,
                reader: &mut $crate::support::decode::Reader<'_>,
            ) -> $crate::support::decode::Done {
                $crate::support::text::read_shared(&mut self.0, reader)
            }
        }

        $crate::__text! {
            $name, Self::read_shared, Self($crate::support::text::SharedText::default())
        }
    };
}

/// Operations of every type that is a string on the wire.
#[doc(hidden)]
#[macro_export]
macro_rules! __text {
    ($name:ident, $read:path, $blank:expr) => {
        $crate::__decode!($name, $read, $blank);

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
