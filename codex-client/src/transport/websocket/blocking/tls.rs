//! TLS over a socket that one thread reads and another one writes.
//!
//! What TLS knows of the connection is behind a lock that is held while it computes, never while
//! the socket is read or written. Records go out in the order in which they were made; the thread
//! that reads leaves its own to whoever is writing.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Mutex, MutexGuard};

use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use tungstenite::Error as WebSocketError;

use super::lock;
use crate::transport::websocket::tls::config;

#[derive(Debug)]
pub(super) struct TlsSocket {
    stream: TcpStream,
    state: Mutex<ClientConnection>,
    /// The other end of `stream`; only the thread that reads comes here.
    received: Mutex<BufReader<TcpStream>>,
    /// Held while records are sent.
    sending: Mutex<()>,
}

impl TlsSocket {
    /// A connection to a server that has to prove that this is its name.
    pub(super) fn connect(
        connect: impl FnOnce() -> io::Result<TcpStream>,
        host: &str,
    ) -> Result<Self, WebSocketError> {
        let stream = connect()?;
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
        let name = ServerName::try_from(host.to_owned()).map_err(invalid)?;
        let state = ClientConnection::new(config()?, name).map_err(io::Error::other)?;
        Ok(Self {
            received: Mutex::new(BufReader::new(stream.try_clone()?)),
            stream,
            state: Mutex::new(state),
            sending: Mutex::default(),
        })
    }

    /// Reads what the server says; waits until there is something.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut received = lock(&self.received);
        loop {
            match lock(&self.state).reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            let mut bytes = received.fill_buf()?;
            let taken = self.feed(&mut bytes);
            // An alert for the server, or what belongs to the handshake. Why TLS failed is told
            // before that the server did not hear of it.
            let sent = self.send(false);
            received.consume(taken?);
            sent?;
        }
    }

    /// Takes in some of what was received, nothing being its end; returns how much it was.
    fn feed(&self, bytes: &mut &[u8]) -> io::Result<usize> {
        let mut state = lock(&self.state);
        let taken = state.read_tls(bytes)?;
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        state.process_new_packets().map_err(invalid)?;
        Ok(taken)
    }

    pub(super) fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = lock(&self.state).writer().write(bytes)?;
            bytes = &bytes[taken..];
            self.send(true)?;
        }
        Ok(())
    }

    /// Sends the records that were made. Whoever does not wait leaves them to the one who is
    /// sending, and who looks for more when it is done.
    fn send(&self, may_wait: bool) -> io::Result<()> {
        while lock(&self.state).wants_write() {
            let Some(_sending) = self.turn_to_send(may_wait) else {
                break;
            };
            let mut records = Vec::new();
            let mut state = lock(&self.state);
            while state.wants_write() {
                state.write_tls(&mut records)?;
            }
            drop(state);
            (&self.stream).write_all(&records)?;
        }
        Ok(())
    }

    fn turn_to_send(&self, may_wait: bool) -> Option<MutexGuard<'_, ()>> {
        if may_wait {
            return Some(lock(&self.sending));
        }
        self.sending.try_lock().ok()
    }

    /// The socket below, to limit the time it takes.
    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Says goodbye if nobody is sending, and ends both directions.
    pub(super) fn shut_down(&self) -> io::Result<()> {
        lock(&self.state).send_close_notify();
        // The server may be gone.
        let _ = self.send(false);
        self.stream.shutdown(Shutdown::Both)
    }
}
