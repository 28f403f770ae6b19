//! How the generated table of requests becomes a method for each, on both faces.
//!
//! The methods are thin and generic underneath, so that only those that are used are compiled
//! into a program.

/// A method per request on the async and the blocking client.
macro_rules! client_calls {
    ($(
        $(#[$docs:meta])*
        $name:ident: $method:ident($($params:tt)*) -> $response:ident;
    )*) => {
        /// One method per request of the protocol.
        #[cfg(feature = "async")]
        impl crate::Client {
            $(crate::calls::async_call!([$(#[$docs])*] $name $method $response $($params)*);)*
        }

        /// One method per request of the protocol.
        #[cfg(feature = "blocking")]
        impl crate::blocking::Client {
            $(crate::calls::blocking_call!([$(#[$docs])*] $name $method $response $($params)*);)*
        }
    };
}

/// One method of the async client.
#[cfg(feature = "async")]
macro_rules! async_call {
    ([$($docs:tt)*] $name:ident $method:ident $response:ident) => {
        $($docs)*
        ///
        /// # Errors
        ///
        /// As for [`request`](crate::Client::request).
        #[inline]
        pub async fn $name(&self) -> Result<codex_types::$response, crate::Error> {
            self.request::<codex_types::methods::$method>(&codex_types::NoParams).await
        }
    };
    ([$($docs:tt)*] $name:ident $method:ident $response:ident required $params:ident) => {
        $($docs)*
        ///
        /// # Errors
        ///
        /// As for [`request`](crate::Client::request).
        #[inline]
        pub async fn $name(
            &self,
            params: codex_types::$params,
        ) -> Result<codex_types::$response, crate::Error> {
            self.request::<codex_types::methods::$method>(&params).await
        }
    };
    ([$($docs:tt)*] $name:ident $method:ident $response:ident optional $params:ident) => {
        $($docs)*
        ///
        /// # Errors
        ///
        /// As for [`request`](crate::Client::request).
        #[inline]
        pub async fn $name(
            &self,
            params: Option<codex_types::$params>,
        ) -> Result<codex_types::$response, crate::Error> {
            self.request::<codex_types::methods::$method>(&params).await
        }
    };
}

/// One method of the blocking client.
#[cfg(feature = "blocking")]
macro_rules! blocking_call {
    ([$($docs:tt)*] $name:ident $method:ident $response:ident) => {
        $($docs)*
        ///
        /// # Errors
        ///
        /// As for [`request`](crate::blocking::Client::request).
        #[inline]
        pub fn $name(&self) -> Result<codex_types::$response, crate::Error> {
            self.request::<codex_types::methods::$method>(&codex_types::NoParams)
        }
    };
    ([$($docs:tt)*] $name:ident $method:ident $response:ident required $params:ident) => {
        $($docs)*
        ///
        /// # Errors
        ///
        /// As for [`request`](crate::blocking::Client::request).
        #[inline]
        pub fn $name(
            &self,
            params: codex_types::$params,
        ) -> Result<codex_types::$response, crate::Error> {
            self.request::<codex_types::methods::$method>(&params)
        }
    };
    ([$($docs:tt)*] $name:ident $method:ident $response:ident optional $params:ident) => {
        $($docs)*
        ///
        /// # Errors
        ///
        /// As for [`request`](crate::blocking::Client::request).
        #[inline]
        pub fn $name(
            &self,
            params: Option<codex_types::$params>,
        ) -> Result<codex_types::$response, crate::Error> {
            self.request::<codex_types::methods::$method>(&params)
        }
    };
}

#[cfg(feature = "async")]
pub(crate) use async_call;
#[cfg(feature = "blocking")]
pub(crate) use blocking_call;
pub(crate) use client_calls;
