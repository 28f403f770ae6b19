//! The constructs of the schema. Each has a fixture that `it` emits and `emitted` compiles.

/// Calls a macro with the names of all constructs.
macro_rules! for_each_construct {
    ($callback:ident) => {
        $callback! {
            all_of_reference
            any_of_null
            any_value
            array
            client_presence
            closed_object
            documentation
            documented_enum
            empty_object
            flattened_union
            ids
            inline
            integer
            keyed_union
            keyed_union_catch_all
            large_variant
            map
            mixed_enum
            names
            nullable_definition
            nullable_types
            number
            object
            open_object
            overlap
            recursion
            secret
            server_presence
            stability
            string_enum
            string_newtype
            tag_keys
            tagged_union
            tagged_union_of_one
            untagged_objects
            untagged_union
            variant_alternatives
        }
    };
}
