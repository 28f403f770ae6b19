//! The platforms the runtime is published for.
//!
//! Has their names in packages; independent of the contents of a package.

use std::fmt;

use crate::Error;

/// A platform the runtime is published for, named as its packages name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Target {
    /// Linux on x86-64, any C library: the binary is statically linked.
    LinuxX64,
    /// Linux on 64-bit ARM, any C library.
    LinuxArm64,
    /// macOS on Intel.
    DarwinX64,
    /// macOS on Apple silicon.
    DarwinArm64,
    /// Windows on x86-64.
    Win32X64,
    /// Windows on 64-bit ARM.
    Win32Arm64,
}

impl Target {
    /// The platform this program was compiled for.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedPlatform`] when the runtime is not published for it.
    pub fn current() -> Result<Self, Error> {
        Self::from_os_and_arch(std::env::consts::OS, std::env::consts::ARCH)
    }

    /// The platform with the given names, spelled as in [`std::env::consts`].
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedPlatform`] when the runtime is not published for it.
    pub fn from_os_and_arch(os: &str, arch: &str) -> Result<Self, Error> {
        match (os, arch) {
            ("linux", "x86_64") => Ok(Self::LinuxX64),
            ("linux", "aarch64") => Ok(Self::LinuxArm64),
            ("macos", "x86_64") => Ok(Self::DarwinX64),
            ("macos", "aarch64") => Ok(Self::DarwinArm64),
            ("windows", "x86_64") => Ok(Self::Win32X64),
            ("windows", "aarch64") => Ok(Self::Win32Arm64),
            _ => Err(Error::UnsupportedPlatform {
                os: os.to_owned(),
                arch: arch.to_owned(),
            }),
        }
    }

    /// The platform with this name in packages.
    #[cfg(feature = "install")]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::LinuxX64,
            Self::LinuxArm64,
            Self::DarwinX64,
            Self::DarwinArm64,
            Self::Win32X64,
            Self::Win32Arm64,
        ];
        all.into_iter().find(|target| target.as_str() == name)
    }

    /// The name the packages use, such as `linux-x64`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LinuxX64 => "linux-x64",
            Self::LinuxArm64 => "linux-arm64",
            Self::DarwinX64 => "darwin-x64",
            Self::DarwinArm64 => "darwin-arm64",
            Self::Win32X64 => "win32-x64",
            Self::Win32Arm64 => "win32-arm64",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
