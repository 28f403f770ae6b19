//! Stands for `tls` where TLS is not built: `wss://` is an error, before anything is connected.

use std::io;
use std::net::TcpStream;

use tungstenite::Error as WebSocketError;
use tungstenite::error::UrlError;

/// A socket with TLS, of which there is none.
#[derive(Debug)]
pub(super) enum TlsSocket {}

impl TlsSocket {
    pub(super) fn connect(
        _connect: impl FnOnce() -> io::Result<TcpStream>,
        _host: &str,
    ) -> Result<Self, WebSocketError> {
        Err(UrlError::TlsFeatureNotEnabled.into())
    }

    pub(super) fn read(&self, _buffer: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }

    pub(super) fn write_all(&self, _bytes: &[u8]) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn stream(&self) -> &TcpStream {
        match *self {}
    }

    pub(super) fn shut_down(&self) -> io::Result<()> {
        match *self {}
    }
}
