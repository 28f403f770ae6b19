//! The endpoint's thread: a listener, its connections, and their end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::service;
use super::state::State;

/// Pause of accepting after an error such as too many open files.
const ACCEPT_REST: Duration = Duration::from_millis(10);

/// A listening thread. Dropping it ends the thread, and with it every connection.
pub(super) struct Server {
    address: SocketAddr,
    /// Never sent: the thread ends when it is dropped.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(state: Arc<State>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // Not `block_on`: the caller may be inside a runtime of its own.
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("mock-responses".to_owned())
            .spawn(move || run(&runtime, &listener, &state, stopped))?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else {
            return;
        };
        // A responder may own the last handle; its thread cannot wait for itself.
        if thread.thread().id() != thread::current().id() {
            // An error would be a panic of the thread, which was reported when it happened.
            let _ = thread.join();
        }
    }
}

fn run(
    runtime: &Runtime,
    listener: &TcpListener,
    state: &Arc<State>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        tokio::select! {
            _ = stopped => {}
            () = accept(listener, state) => {}
        }
    });
}

async fn accept(listener: &TcpListener, state: &Arc<State>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, Arc::clone(state)));
            }
            Err(_) => tokio::time::sleep(ACCEPT_REST).await,
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    // Without it, small events could wait for each other; with an error, they just do.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| service::answer(Arc::clone(&state), request));
    // An error means that the peer went away or that a reply was cut on purpose.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
