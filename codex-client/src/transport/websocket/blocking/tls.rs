//! TLS over a socket that one thread reads and another one writes.
//!
//! The TLS state is behind a lock that is held while it computes, never while the socket is read or
//! written. Records are sent in the order of their creation; the reading thread leaves its own to a
//! thread that is writing.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Mutex, MutexGuard};

use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use tungstenite::Error as WebSocketError;

use super::lock;
use super::writable::is_writable;
use crate::transport::websocket::tls::config;

#[derive(Debug)]
pub(super) struct TlsSocket {
    stream: TcpStream,
    state: Mutex<ClientConnection>,
    /// The other end of `stream`; only used by the reading thread.
    received: Mutex<BufReader<TcpStream>>,
    /// Held while records are sent.
    sending: Mutex<()>,
}

impl TlsSocket {
    /// Creates a connection to a server whose certificate has to match this name.
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

    /// Reads data of the server; waits until there is some.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut received = lock(&self.received);
        loop {
            match lock(&self.state).reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            let mut bytes = received.fill_buf()?;
            let taken = self.feed(&mut bytes);
            // An alert for the server, or a part of the handshake. A TLS error takes precedence
            // over an error of sending the alert.
            let sent = self.send(false);
            received.consume(taken?);
            sent?;
        }
    }

    /// Processes received data, where an empty slice is the end; returns the consumed size.
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

    /// Sends the created records. Without waiting, they are left to the thread that is sending, which
    /// checks for more when it is done, or to the next one if the server does not read.
    fn send(&self, may_wait: bool) -> io::Result<()> {
        while lock(&self.state).wants_write() {
            let Some(_sending) = self.turn_to_send(may_wait) else {
                break;
            };
            if !may_wait && !is_writable(&self.stream) {
                break;
            }
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

    /// Returns the underlying socket, to set timeouts.
    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends a close notification if no thread is sending, and ends both directions.
    pub(super) fn shut_down(&self) -> io::Result<()> {
        lock(&self.state).send_close_notify();
        // The server may have closed the connection.
        let _ = self.send(false);
        self.stream.shutdown(Shutdown::Both)
    }
}
