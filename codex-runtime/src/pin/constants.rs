//! The compiled-in pin, generated from `runtime.toml`: nothing is parsed at run time but its version.

use semver::Version;

use super::{Pin, PinnedArchive};
use crate::generated::{ARCHIVES, PACKAGE, VERSION};

pub(super) fn pin() -> Pin {
    let archives = ARCHIVES.map(|(target, [version, triple, integrity])| {
        let archive = PinnedArchive {
            version: version.to_owned(),
            triple: triple.to_owned(),
            integrity: integrity.to_owned(),
        };
        (target, archive)
    });
    Pin {
        // Generated from a version, and compared by a test: it cannot fail on a user's machine.
        version: Version::parse(VERSION).expect("the compiled-in version is one"),
        package: PACKAGE.to_owned(),
        targets: archives.into(),
    }
}

#[cfg(all(test, feature = "install"))]
mod tests {
    use crate::Pin;

    #[test]
    fn generated_pin_is_that_of_the_file() {
        assert_eq!(super::pin(), *Pin::current());
    }
}
