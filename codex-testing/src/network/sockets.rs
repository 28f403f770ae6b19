//! The kernel's lists of sockets, `/proc/net/{tcp,tcp6,udp,udp6}`: which of them are on their way
//! out.
//!
//! Pure functions of the text; does not know whose the sockets are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Ports of name servers, plain, by TLS and multicast. One on the loopback interface forwards what
/// it is asked.
const NAME_SERVICE: [u16; 3] = [53, 853, 5353];

/// The transport of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Tcp,
    Udp,
}

/// A socket that is on its way out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outbound {
    pub(super) inode: u64,
    pub(super) target: String,
}

/// The sockets of a list that reach, or may reach, beyond the loopback interface.
pub(super) fn outbound(list: &str, protocol: Protocol) -> impl Iterator<Item = Outbound> {
    list.lines()
        .skip(1)
        .filter_map(move |line| outbound_line(line, protocol))
}

fn outbound_line(line: &str, protocol: Protocol) -> Option<Outbound> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let (local, remote) = (address(columns.get(1)?)?, address(columns.get(2)?)?);
    let inode = columns.get(9)?.parse().ok()?;
    let target = target(local, remote, protocol)?;
    // Inode 0: no process has it any more.
    (inode != 0).then_some(Outbound { inode, target })
}

fn target(local: SocketAddr, remote: SocketAddr, protocol: Protocol) -> Option<String> {
    let unconnected = remote.ip().is_unspecified();
    match protocol {
        // Listens.
        Protocol::Tcp if unconnected => None,
        // Has a port, and could send anywhere: resolvers do not connect theirs.
        Protocol::Udp if unconnected => {
            let anywhere = !local.ip().is_loopback() && local.port() != 0;
            anywhere.then(|| "datagrams, such as those that ask a name server".to_owned())
        }
        Protocol::Tcp | Protocol::Udp => {
            let stays = is_this_machine(remote.ip()) && !NAME_SERVICE.contains(&remote.port());
            (!stays).then(|| remote.to_string())
        }
    }
}

/// Returns whether this is one of the usual loopback addresses. Forwarders listen at the others: the name servers of
/// systemd and of containers, for example.
fn is_this_machine(ip: IpAddr) -> bool {
    ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST
}

/// `0100007F:1F90`: the bytes of the address in words of the machine's order, and the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Option<Vec<u8>> = (0..ip.len() / 8)
        .map(|index| u32::from_str_radix(ip.get(index * 8..index * 8 + 8)?, 16).ok())
        .map(|word| word.map(u32::to_ne_bytes))
        .collect::<Option<Vec<_>>>()
        .map(|words| words.concat());
    let bytes = words?;
    let ip = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        16 => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use super::{Protocol, outbound};

    fn column(address: &str) -> String {
        let address: SocketAddr = address.parse().unwrap();
        let bytes = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let words = bytes
            .chunks(4)
            .map(|word| u32::from_ne_bytes(word.try_into().unwrap()));
        let words: Vec<String> = words.map(|word| format!("{word:08X}")).collect();
        format!("{}:{:04X}", words.concat(), address.port())
    }

    /// The targets in a list of one socket.
    fn targets(protocol: Protocol, local: &str, remote: &str) -> Vec<String> {
        let (local, remote) = (column(local), column(remote));
        let list = format!(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
             0: {local} {remote} 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000\n"
        );
        let found = outbound(&list, protocol).inspect(|found| assert_eq!(found.inode, 4711));
        found.map(|found| found.target).collect()
    }

    #[test]
    fn loopback_and_listening_sockets_stay() {
        for (local, remote) in [
            ("127.0.0.1:4000", "127.0.0.1:8080"),
            ("[::1]:4000", "[::1]:8080"),
            ("[::ffff:127.0.0.1]:4000", "[::ffff:127.0.0.1]:8080"),
            ("0.0.0.0:8080", "0.0.0.0:0"),
        ] {
            assert_eq!(targets(Protocol::Tcp, local, remote), [""; 0], "{remote}");
        }
        assert_eq!(
            targets(Protocol::Udp, "127.0.0.1:4000", "0.0.0.0:0"),
            [""; 0]
        );
    }

    #[test]
    fn connections_elsewhere_leave() {
        for remote in [
            "192.0.2.1:443",
            "[2001:db8::1]:443",
            "10.0.0.1:80",
            "127.9.9.9:8080",
        ] {
            let local = if remote.starts_with('[') {
                "[2001:db8::2]:4000"
            } else {
                "10.0.0.2:4000"
            };
            assert_eq!(targets(Protocol::Tcp, local, remote), [remote]);
            assert_eq!(targets(Protocol::Udp, local, remote), [remote]);
        }
        assert_eq!(
            targets(
                Protocol::Tcp,
                "[::ffff:10.0.0.2]:4000",
                "[::ffff:192.0.2.1]:443"
            ),
            ["192.0.2.1:443"]
        );
    }

    #[test]
    fn queries_to_name_servers_leave_the_machine() {
        let local_server = targets(Protocol::Udp, "127.0.0.1:4000", "127.0.0.53:53");
        assert_eq!(local_server, ["127.0.0.53:53"]);
        let unconnected = targets(Protocol::Udp, "0.0.0.0:4000", "0.0.0.0:0");
        assert!(unconnected[0].contains("name server"), "{unconnected:?}");
    }
}
