//! `JsonSchema` for the models, from definitions that are checked in.

/// `JsonSchema` for every model, from the definitions beside the table; they refer to `others`.
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
