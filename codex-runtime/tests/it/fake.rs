//! Packages, pins and commands made on the spot.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use codex_runtime::{Environment, Installer, Pin, Runtime, RuntimeSource, Step, Target};
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac_sha512::Hash;
use tempfile::TempDir;

pub(crate) const TRIPLE: &str = "x86_64-unknown-linux-musl";
/// The installation of the version of [`package`], below [`Sandbox::root`].
pub(crate) const FOLDER: &str = "1.2.3-linux-x64";
pub(crate) const MANIFEST: &str =
    r#"{"layoutVersion":1,"version":"1.2.3","entrypoint":"bin/codex","pathDir":"codex-path"}"#;

/// An entry of an archive: path, mode, content.
pub(crate) type Entry<'a> = (&'a str, u32, &'a str);

/// A package as it is published today.
pub(crate) fn package() -> Vec<u8> {
    let vendor = format!("package/vendor/{TRIPLE}");
    archive(&[
        ("package/package.json", 0o644, "{}"),
        (&format!("{vendor}/codex-package.json"), 0o644, MANIFEST),
        (
            &format!("{vendor}/bin/codex"),
            0o755,
            "#!/bin/sh\necho codex-cli 1.2.3\n",
        ),
        (&format!("{vendor}/codex-path/rg"), 0o755, "#!/bin/sh\n"),
    ])
}

pub(crate) fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, mode, content) in entries {
        let mut header = tar::Header::new_gnu();
        // Written by hand: the builder itself refuses a path that leaves the archive.
        header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_mode(*mode);
        header.set_size(content.len() as u64);
        if path.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
        }
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

pub(crate) fn integrity(bytes: &[u8]) -> String {
    let digest = base64::engine::general_purpose::STANDARD.encode(Hash::hash(bytes));
    format!("sha512-{digest}")
}

pub(crate) fn pin(archive: &[u8]) -> Pin {
    Pin::parse(&format!(
        "version = '1.2.3'\npackage = '@scope/name'\n[targets.linux-x64]\n\
         version = '1.2.3-linux-x64'\ntriple = '{TRIPLE}'\nintegrity = '{}'\n",
        integrity(archive)
    ))
    .unwrap()
}

pub(crate) fn script(path: &Path, body: &str) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_path_buf()
}

/// A folder of its own for a test: an npm that serves an archive, and a place to install to.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("root")
    }

    /// An npm that notes each call and its folder's content, then runs the given lines.
    pub(crate) fn npm(&self, body: &str) -> PathBuf {
        let log = self.path("npm.log");
        let body = format!(
            "ls -A | wc -l >> '{0}'\necho \"$@\" >> '{0}'\n{body}",
            log.display()
        );
        script(&self.path("npm"), &body)
    }

    /// An npm that delivers the archive.
    pub(crate) fn npm_serving(&self, archive: &[u8]) -> PathBuf {
        let file = self.path("served");
        fs::write(&file, archive).unwrap();
        self.npm(&format!("cp '{}' scope-name-1.2.3.tgz", file.display()))
    }

    /// The calls of npm: for each the number of files in its folder, and its arguments.
    pub(crate) fn npm_calls(&self) -> Vec<(String, String)> {
        let log = fs::read_to_string(self.path("npm.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().map(str::trim).collect();
        lines
            .chunks(2)
            .map(|call| (call[0].to_owned(), call[1].to_owned()))
            .collect()
    }

    pub(crate) fn environment(&self) -> Environment {
        Environment::empty()
            .with_runtime_dir(self.root())
            .with_npm(self.path("npm"))
    }

    pub(crate) fn installer(&self, archive: &[u8]) -> Installer {
        Installer::new(&self.environment())
            .unwrap()
            .with_target(Target::LinuxX64)
            .with_pin(pin(archive))
    }

    /// A runtime whose binary runs the given lines.
    pub(crate) fn codex(&self, body: &str) -> Runtime {
        let binary = script(&self.path("codex"), body);
        codex_runtime::locate(&RuntimeSource::Binary(binary), &Environment::empty()).unwrap()
    }

    /// The names in the folder of installations, sorted.
    pub(crate) fn installed_names(&self) -> Vec<String> {
        names(&self.root())
    }
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) fn quiet() -> impl FnMut(&Step) {
    |_: &Step| {}
}
