//! Unions of messages, and methods and notifications as types.

/// A union of messages by their method: `number Variant(Params) = "method"`, sorted.
#[doc(hidden)]
#[macro_export]
macro_rules! __message_union {
    ($name:ident; $($index:literal $variant:ident($params:ty) = $method:literal,)*) => {
        impl $crate::support::message::MessageUnion for $name {
            const METHODS: &'static [&'static str] = &[$($method),*];

            crate::__table_fn! {
                fn select(&mut self, index: usize) -> Option<&mut dyn $crate::support::decode::Decode> {
                    *self = match index {
                        $($index => Self::$variant($crate::support::decode::Decode::blank()),)*
                        _ => return None,
                    };
                    match self {
                        $(Self::$variant(params) => Some(params),)*
                        Self::Unrecognized(_) => None,
                    }
                }
            }

            #[inline]
            fn unrecognized(message: $crate::UnrecognizedMessage) -> Self {
                Self::Unrecognized(message)
            }
        }

        impl $crate::support::message::WriteMessage for $name {
            fn write<M: $crate::support::macros::SerializeMap>(
                &self,
                map: &mut M,
                null_params: bool,
            ) -> Result<(), M::Error> {
                match self {
                    $(Self::$variant(params) => {
                        $crate::support::message::write_entries(map, $method, params, null_params)
                    })*
                    Self::Unrecognized(message) => {
                        $crate::support::message::write_unrecognized(map, message)
                    }
                }
            }
        }

        impl $crate::support::macros::Serialize for $name {
            fn serialize<S: $crate::support::macros::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                $crate::support::message::write_message(self, serializer)
            }
        }

        $crate::__decode! {
            $name,
            $crate::support::message::read_message,
            Self::Unrecognized($crate::UnrecognizedMessage::new(String::new(), None))
        }

        impl $name {
            /// The methods that are known to this version of the crate, sorted.
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

/// Unions of responses by the method of their request: `number Variant(Response) = "method"`,
/// sorted.
#[doc(hidden)]
#[macro_export]
macro_rules! __response_union {
    ($name:ident; $($index:literal $variant:ident($response:ty) = $method:literal,)*) => {
        impl $crate::support::message::ResponseUnion for $name {
            const METHODS: &'static [&'static str] = &[$($method),*];

            crate::__table_fn! {
                fn select(index: usize) -> Option<Self> {
                    Some(match index {
                        $($index => Self::$variant($crate::support::decode::Decode::blank()),)*
                        _ => return None,
                    })
                }
            }

            crate::__table_fn! {
                fn result(&mut self) -> Option<&mut dyn $crate::support::decode::Decode> {
                    match self {
                        $(Self::$variant(response) => Some(response),)*
                        Self::Unrecognized(_) => None,
                    }
                }
            }

            #[inline]
            fn unrecognized(message: $crate::UnrecognizedMessage) -> Self {
                Self::Unrecognized(message)
            }
        }

        /// Writes the result alone.
        impl $crate::support::macros::Serialize for $name {
            fn serialize<S: $crate::support::macros::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(response) => response.serialize(serializer),)*
                    Self::Unrecognized(message) => {
                        $crate::support::message::write_result(message, serializer)
                    }
                }
            }
        }

        impl $name {
            /// The methods that are known to this version of the crate, sorted.
            pub const METHODS: &'static [&'static str] = &[$($method),*];

            /// Reads a result by the method of its request.
            ///
            /// The result of a method that this version does not know is
            /// [`Unrecognized`](Self::Unrecognized).
            ///
            /// # Errors
            ///
            /// When the result does not have the shape that the method demands; the error names
            /// the path.
            #[inline]
            pub fn decode(
                method: &str,
                result: &$crate::support::macros::RawValue,
            ) -> Result<Self, $crate::DecodeError> {
                $crate::support::message::read_response(method, result.get())
            }

            /// The method of the request.
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

/// Methods as types: `Name = "wire/name" (Params) -> Response, Stability, since, stable since;`.
#[doc(hidden)]
#[macro_export]
macro_rules! __methods {
    (
        $direction:ident;
        $($(#[$docs:meta])* $name:ident = $wire:literal ($params:ty) -> $response:ty, $stability:ident, $since:expr, $stable:expr;)*
    ) => {$(
        $(#[$docs])*
        #[derive(Debug)]
        #[non_exhaustive]
        pub enum $name {}

        impl $crate::Method for $name {
            const NAME: &'static str = $wire;
            const STABILITY: $crate::Stability = $crate::Stability::$stability;
            const SINCE: Option<&'static str> = $since;
            const STABLE_SINCE: Option<&'static str> = $stable;
            type Params = $params;
            type Response = $response;
        }

        impl $crate::$direction for $name {}
    )*};
}

/// Notifications as types: `Name = "wire/name" (Params), Stability, since;`.
#[doc(hidden)]
#[macro_export]
macro_rules! __notifications {
    ($($(#[$docs:meta])* $name:ident = $wire:literal ($params:ty), $stability:ident, $since:expr;)*) => {$(
        $(#[$docs])*
        #[derive(Debug)]
        #[non_exhaustive]
        pub enum $name {}

        impl $crate::NotificationMethod for $name {
            const NAME: &'static str = $wire;
            const STABILITY: $crate::Stability = $crate::Stability::$stability;
            const SINCE: Option<&'static str> = $since;
            type Params = $params;
        }
    )*};
}
