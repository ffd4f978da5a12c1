//! How slowly bytes may move: who waits is counted, who works is not.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

/// A least speed. Waiting may last `grace`; time that was spent waiting is earned back by bytes that move, a second
/// for every `bytes_per_second` of them, and never beyond `grace`: a burst buys no long sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long one may wait without a byte.
    pub grace: Duration,
    /// The speed that is always fast enough.
    pub bytes_per_second: u32,
}

/// Measures one transfer against a [`Pace`]. Only the time between "there is nothing yet" and the next byte
/// counts: what we take to work with the bytes is not the other side's.
pub(super) struct Meter {
    pace: Pace,
    left: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Meter {
    pub(super) fn new(pace: Pace) -> Meter {
        Meter { pace, left: pace.grace, waiting: None }
    }

    /// Nothing moves now. Ready when it has taken too long.
    pub(super) fn poll_wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let left = self.left;
        let (_, sleep) =
            self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
        sleep.as_mut().poll(context)
    }

    /// So many bytes moved.
    pub(super) fn moved(&mut self, bytes: usize) {
        let Some((since, _)) = self.waiting.take() else { return };
        let earned = (bytes as u64).saturating_mul(1_000_000) / u64::from(self.pace.bytes_per_second.max(1));
        self.left = self.left.saturating_sub(since.elapsed()) + Duration::from_micros(earned);
        self.left = self.left.min(self.pace.grace);
    }
}

/// The body of a request that may not come slower than any of two [`Pace`]s.
pub(super) struct PacedBody {
    body: Incoming,
    meters: [Meter; 2],
}

/// A body came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body of the request came too slowly")]
pub struct TooSlow;

impl PacedBody {
    pub(super) fn new(body: Incoming, paces: [Pace; 2]) -> PacedBody {
        PacedBody { body, meters: paces.map(Meter::new) }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => {
                let bytes = match &frame {
                    Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
                    _ => 0,
                };
                self.meters.iter_mut().for_each(|meter| meter.moved(bytes));
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                // Each is asked, so that each wakes this task.
                let slow = self.meters.each_mut().map(|meter| meter.poll_wait(context).is_ready());
                if slow.contains(&true) {
                    return Poll::Ready(Some(Err(Box::new(TooSlow).into())));
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const PACE: Pace = Pace { grace: Duration::from_secs(10), bytes_per_second: 100 };

    #[tokio::test(start_paused = true)]
    async fn who_sends_nothing_is_cut_after_the_grace() {
        let begun = Instant::now();
        let mut meter = Meter::new(PACE);
        poll_fn(|context| meter.poll_wait(context)).await;
        assert_eq!(begun.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_does_not_buy_time() {
        let begun = Instant::now();
        let mut meter = Meter::new(PACE);
        loop {
            let drip = tokio::time::sleep(Duration::from_secs(3));
            tokio::select! {
                () = poll_fn(|context| meter.poll_wait(context)) => break,
                () = drip => meter.moved(1),
            }
        }
        assert_eq!(begun.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_buys_no_long_sleep() {
        let mut meter = Meter::new(PACE);
        tokio::select! {
            () = poll_fn(|context| meter.poll_wait(context)) => panic!("it has waited a second only"),
            () = tokio::time::sleep(Duration::from_secs(1)) => meter.moved(1_000_000),
        }
        let begun = Instant::now();
        poll_fn(|context| meter.poll_wait(context)).await;
        assert_eq!(begun.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_and_steady_line_is_served() {
        let mut meter = Meter::new(PACE);
        for _ in 0..1_000 {
            tokio::select! {
                () = poll_fn(|context| meter.poll_wait(context)) => panic!("100 bytes a second are enough"),
                () = tokio::time::sleep(Duration::from_secs(1)) => meter.moved(100),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_that_we_take_is_not_theirs() {
        let mut meter = Meter::new(PACE);
        meter.moved(1);
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        meter.moved(1);
        assert_eq!(meter.left, PACE.grace);
    }
}
