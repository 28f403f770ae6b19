//! Processes by what `/proc` shows of them: their environment, parents and sockets.
//!
//! What cannot be read belongs to another user, or has ended: neither is of interest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The processes that can be seen, at one moment.
pub(super) struct Processes {
    parents: BTreeMap<u32, u32>,
}

impl Processes {
    pub(super) fn read() -> Self {
        let parents = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
                Some((id, parent(id)?))
            })
            .collect();
        Self { parents }
    }

    /// The processes for which `is_root` holds, and all that descend from them, each with what
    /// `is_root` returned for it or for its nearest such ancestor.
    pub(super) fn descending<T: Clone>(&self, is_root: impl Fn(u32) -> Option<T>) -> Vec<(u32, T)> {
        let roots: BTreeMap<u32, T> = self
            .parents
            .keys()
            .filter_map(|id| Some((*id, is_root(*id)?)))
            .collect();
        let ids = self.parents.keys();
        ids.filter_map(|id| Some((*id, self.nearest(*id, &roots)?.clone())))
            .collect()
    }

    fn nearest<'a, T>(&self, id: u32, roots: &'a BTreeMap<u32, T>) -> Option<&'a T> {
        let mut id = id;
        // A chain is no longer than there are processes; ids that are reused could make a circle.
        for _ in 0..=self.parents.len() {
            if let Some(root) = roots.get(&id) {
                return Some(root);
            }
            id = *self.parents.get(&id)?;
        }
        None
    }
}

/// The fourth field of `stat`; the second, in parentheses, can contain anything.
fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// The environment that a process was started with.
pub(super) fn environment(id: u32) -> Option<Vec<u8>> {
    fs::read(format!("/proc/{id}/environ")).ok()
}

/// The command line of a process, in one line.
pub(super) fn command_line(id: u32) -> Option<String> {
    let arguments = fs::read(format!("/proc/{id}/cmdline")).ok()?;
    let text = String::from_utf8_lossy(&arguments);
    Some(text.trim_end_matches('\0').replace('\0', " "))
}

/// The inodes of the sockets that a process has open.
pub(super) fn sockets(id: u32) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(format!("/proc/{id}/fd")) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| inode(&fs::read_link(entry.ok()?.path()).ok()?))
        .collect()
}

/// `socket:[4711]`
fn inode(link: &Path) -> Option<u64> {
    let name = PathBuf::from(link).into_os_string().into_string().ok()?;
    name.strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd as _;

    use super::{Processes, command_line, inode, sockets};

    #[test]
    fn this_process_is_found_with_its_sockets() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let me = std::process::id();
        let link = std::fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).unwrap();
        assert!(sockets(me).contains(&inode(&link).unwrap()));
        assert!(command_line(me).is_some_and(|line| !line.is_empty()));
        let found = Processes::read().descending(|id| (id == me).then_some("root"));
        assert!(found.contains(&(me, "root")));
    }
}
