//! A server between a client and a server, whose connections can be broken.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

/// Forwards connections to a server on a port of this machine.
pub(crate) struct Breakable {
    state: Arc<Mutex<State>>,
}

struct State {
    target: String,
    /// Break the present connections.
    breakers: Vec<Box<dyn FnOnce() + Send>>,
}

/// One end of a connection, as the proxy needs it.
trait End: io::Read + io::Write + Send + Sized + 'static {
    fn copy(&self) -> Self;
    fn shut(&self);
}

impl End for TcpStream {
    fn copy(&self) -> Self {
        self.try_clone().unwrap()
    }
    fn shut(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

impl End for UnixStream {
    fn copy(&self) -> Self {
        self.try_clone().unwrap()
    }
    fn shut(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

impl Breakable {
    /// Listens on a port, and returns its `ws://` URL. The target is one, too.
    pub(crate) fn on_a_port(target: &str) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let proxy = Self::new(target);
        proxy.serve(move || listener.accept().map(|(stream, _)| stream));
        (proxy, url)
    }

    /// Listens at a socket.
    pub(crate) fn at_a_socket(target: &str, path: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let proxy = Self::new(target);
        proxy.serve(move || listener.accept().map(|(stream, _)| stream));
        proxy
    }

    fn new(target: &str) -> Self {
        let state = State {
            target: target.to_owned(),
            breakers: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        Self { state }
    }

    /// Forwards the next connections to another server.
    pub(crate) fn forward_to(&self, target: &str) {
        target.clone_into(&mut self.state.lock().unwrap().target);
    }

    /// Breaks the present connections; further ones are accepted.
    pub(crate) fn break_all(&self) {
        let breakers = std::mem::take(&mut self.state.lock().unwrap().breakers);
        for breaker in breakers {
            breaker();
        }
    }

    fn serve<E: End>(&self, accept: impl Fn() -> io::Result<E> + Send + 'static) {
        let state = Arc::clone(&self.state);
        thread::spawn(move || {
            while let Ok(client) = accept() {
                let mut state = state.lock().unwrap();
                let Ok(server) = TcpStream::connect(state.target.trim_start_matches("ws://"))
                else {
                    client.shut();
                    continue;
                };
                forward(client.copy(), server.copy());
                forward(server.copy(), client.copy());
                state.breakers.push(Box::new(move || {
                    client.shut();
                    server.shut();
                }));
            }
        });
    }
}

fn forward(mut from: impl End, mut to: impl End) {
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        to.shut();
    });
}
