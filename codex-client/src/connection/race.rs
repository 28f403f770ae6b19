//! A future that another one ends.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Runs a future until another one completes, whose output is the error then.
pub(crate) async fn stopped_by<T, S>(
    stop: impl Future<Output = S>,
    future: impl Future<Output = T>,
) -> Result<T, S> {
    let (mut stop, mut future) = (pin!(stop), pin!(future));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending => stop.as_mut().poll(context).map(Err),
    })
    .await
}
