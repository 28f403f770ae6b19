//! Objects with named fields, and the setters of those that are sent.

/// An object with named fields: `number field: kind("wire name")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __object {
    (
        $name:ident $(, $tag_name:literal = $tag_value:literal)?;
        $($index:literal $field:ident: $kind:ident($wire:literal),)*
    ) => {
        impl $name {
            const SHAPE: &'static $crate::support::object::Shape =
                &$crate::support::object::Shape::new(
                    &[$($wire),*],
                    &[$($crate::support::object::Kind::$kind),*],
                )$(.tagged($tag_name, $tag_value))?;
        }

        impl $crate::support::object::Object for $name {
            crate::__table_fn! {
                fn parts(&mut self) -> (&'static $crate::support::object::Shape, &mut $crate::support::Extra) {
                    (Self::SHAPE, &mut self.extra)
                }
            }

            crate::__table_fn! {
                fn field(&mut self, index: usize) -> Option<&mut dyn $crate::support::decode::Decode> {
                    match index {
                        $($index => Some(&mut self.$field),)*
                        _ => None,
                    }
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
                    Self::SHAPE,
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

        $crate::__decode! {
            $name,
            $crate::support::object::read_object,
            Self {
                $($field: $crate::support::decode::Decode::blank(),)*
                extra: $crate::support::Extra::default(),
            },
            {
                crate::__table_fn! {
                    fn reset(&mut self) -> &'static [&'static str] {
                        $crate::support::object::reset_object(self)
                    }
                }
            }
        }
    };
}

/// Chainable setters: `#[docs] field(argument type) "wire name"`.
#[doc(hidden)]
#[macro_export]
macro_rules! __setters {
    ($name:ident; $($(#[$docs:meta])* $field:ident $(/ $null:ident)? ($argument:ty) $wire:literal,)*) => {
        impl $name {
            $(
                $(#[$docs])*
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
