//! An HTTP proxy that records every request, and refuses it.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{Attempts, OutboundAttempt, Witness};

/// Limit for the first line of a request.
const LIMIT: Duration = Duration::from_secs(2);
/// No first line is longer.
const LONGEST: usize = 8 << 10;
const REFUSAL: &[u8] = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A listening thread; dropping it ends the thread.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    pub(super) fn start(attempts: Arc<Attempts>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("recording-proxy".to_owned())
            .spawn(move || {
                for stream in listener.incoming() {
                    if stopped.load(Ordering::SeqCst) {
                        break;
                    }
                    if let Some(target) = stream.ok().and_then(|it| refuse(it).ok()) {
                        attempts.add(OutboundAttempt {
                            witness: Witness::Proxy,
                            target,
                            process: None,
                        });
                    }
                }
            })?;
        Ok(Self {
            address,
            stop,
            thread: Some(thread),
        })
    }

    /// The names that HTTP clients look for, in both spellings.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        let url = format!("http://{}", self.address);
        let proxies = [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
        ];
        let exceptions = ["NO_PROXY", "no_proxy"];
        let local = "127.0.0.1,localhost,::1".to_owned();
        proxies
            .into_iter()
            .map(|name| (name, url.clone()))
            .chain(exceptions.map(|name| (name, local.clone())))
            .collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread, after the clients that were there before.
        if TcpStream::connect(self.address).is_ok() {
            if let Some(thread) = self.thread.take() {
                let _ = thread.join();
            }
        }
    }
}

/// Refuses a request, and returns its target: the second word of its first line.
fn refuse(mut stream: TcpStream) -> io::Result<String> {
    stream.set_read_timeout(Some(LIMIT))?;
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.contains(&b'\n') && head.len() < LONGEST {
        match stream.read(&mut part)? {
            0 => break,
            count => head.extend_from_slice(&part[..count]),
        }
    }
    stream.write_all(REFUSAL)?;
    let head = String::from_utf8_lossy(&head);
    let line = head.lines().next().unwrap_or_default();
    Ok(line.split(' ').nth(1).unwrap_or(line).to_owned())
}
