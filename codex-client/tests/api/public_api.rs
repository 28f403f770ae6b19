//! The public API, names and signatures, as a snapshot: whoever changes it sees what changes
//! for those who use it.
//!
//! Read from the sources: an item that is `pub` is public, because `unreachable_pub` is a lint
//! of this workspace. What macros make of tables is not seen; the tables themselves are
//! generated and checked in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::{Fields, ImplItem, Item, TraitItem, Visibility, parse_quote};

#[test]
fn the_public_api_is_what_was_agreed_on() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.sort();
    let sources: Vec<(String, Vec<Item>)> = files.iter().map(|file| read(&root, file)).collect();
    let types: BTreeSet<String> = sources
        .iter()
        .flat_map(|(_, items)| type_names(items))
        .collect();
    let mut text = String::new();
    for (name, items) in sources {
        let public: Vec<Item> = items
            .into_iter()
            .filter_map(|item| public(item, &types))
            .collect();
        if !public.is_empty() {
            let file: syn::File = parse_quote!(#(#public)*);
            text.extend(["// ", &name, "\n", &prettyplease::unparse(&file), "\n"]);
        }
    }
    insta::assert_snapshot!(text);
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(root: &Path, file: &Path) -> (String, Vec<Item>) {
    let text = std::fs::read_to_string(file).unwrap();
    let name = file
        .strip_prefix(root)
        .unwrap()
        .to_string_lossy()
        .replace('\\', "/");
    (name, syn::parse_file(&text).unwrap().items)
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The types and traits that are public.
fn type_names(items: &[Item]) -> Vec<String> {
    let mut names = Vec::new();
    for item in items {
        match item {
            Item::Struct(it) if is_public(&it.vis) => names.push(it.ident.to_string()),
            Item::Enum(it) if is_public(&it.vis) => names.push(it.ident.to_string()),
            _ => {}
        }
    }
    names
}

/// What others see of an item: no bodies, no private fields, no documentation.
fn public(item: Item, types: &BTreeSet<String>) -> Option<Item> {
    match item {
        Item::Struct(it) if is_public(&it.vis) => Some(public_struct(it)),
        Item::Enum(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            for variant in &mut it.variants {
                strip(&mut variant.attrs);
                variant
                    .fields
                    .iter_mut()
                    .for_each(|field| strip(&mut field.attrs));
            }
            Some(Item::Enum(it))
        }
        Item::Trait(it) if is_public(&it.vis) => Some(public_trait(it)),
        Item::Fn(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            it.block = parse_quote!({});
            Some(Item::Fn(it))
        }
        Item::Type(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            Some(Item::Type(it))
        }
        Item::Const(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            Some(Item::Const(it))
        }
        Item::Use(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            Some(Item::Use(it))
        }
        Item::Impl(it) => public_impl(it, types),
        _ => None,
    }
}

fn public_struct(mut it: syn::ItemStruct) -> Item {
    strip(&mut it.attrs);
    if let Fields::Named(fields) = &mut it.fields {
        let all = std::mem::take(&mut fields.named);
        fields.named = all
            .into_iter()
            .filter(|field| is_public(&field.vis))
            .collect();
    } else {
        it.fields = Fields::Unit;
        it.semi_token = Some(parse_quote!(;));
    }
    it.fields
        .iter_mut()
        .for_each(|field| strip(&mut field.attrs));
    Item::Struct(it)
}

fn public_trait(mut it: syn::ItemTrait) -> Item {
    strip(&mut it.attrs);
    for item in &mut it.items {
        if let TraitItem::Fn(function) = item {
            strip(&mut function.attrs);
            function.default = None;
        }
    }
    Item::Trait(it)
}

fn public_impl(mut it: syn::ItemImpl, types: &BTreeSet<String>) -> Option<Item> {
    let syn::Type::Path(owner) = &*it.self_ty else {
        return None;
    };
    if !types.contains(&owner.path.segments.last()?.ident.to_string()) {
        return None;
    }
    strip(&mut it.attrs);
    let of_trait = it.trait_.is_some();
    it.items.retain(|item| match item {
        ImplItem::Fn(function) => is_public(&function.vis),
        ImplItem::Type(_) => of_trait,
        ImplItem::Const(constant) => is_public(&constant.vis),
        _ => false,
    });
    for item in &mut it.items {
        if let ImplItem::Fn(function) = item {
            strip(&mut function.attrs);
            function.block = parse_quote!({});
        }
    }
    (of_trait || !it.items.is_empty()).then_some(Item::Impl(it))
}

/// Keeps the attributes that change what others can do.
fn strip(attributes: &mut Vec<syn::Attribute>) {
    let kept = ["cfg", "derive", "must_use", "non_exhaustive"];
    attributes.retain(|attribute| kept.iter().any(|name| attribute.path().is_ident(name)));
}
