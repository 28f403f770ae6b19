//! The macro that decides where the models of this crate are compiled.

/// A function that a table stands for, compiled where it is used: no program uses all the models
/// that only clients send and get.
///
/// The tables of `codex-types-core` find this macro by `crate::`, as they find the one there.
#[doc(hidden)]
#[macro_export]
macro_rules! __table_fn {
    ($($function:tt)*) => {
        #[inline]
        $($function)*
    };
}
