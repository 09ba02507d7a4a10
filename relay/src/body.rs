//! Bodies: requests' read under a limit and a deadline, answers' whole or as a stream.

use crate::No;
use crate::limits::DRAIN_PATIENCE;
use crate::problem;
use daybook_log::limits::WIRE_BYTES_MAX;
use daybook_log::wire::{MEDIA_TYPE, Problem};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
};
use hyper::{Response, StatusCode};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// An answer's body.
#[derive(Debug)]
pub(crate) enum AnswerBody {
    /// All of it.
    Whole(Option<Bytes>),
    /// What a task of its own sends; at most one piece waits.
    Stream(mpsc::Receiver<Bytes>),
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            AnswerBody::Whole(bytes) => {
                Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes))))
            }
            AnswerBody::Stream(pieces) => pieces
                .poll_recv(cx)
                .map(|piece| piece.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, AnswerBody::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            AnswerBody::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            AnswerBody::Stream(_) => SizeHint::default(),
        }
    }
}

pub(crate) type Answer = Response<AnswerBody>;
pub(crate) type Answered = Result<Answer, Box<Problem>>;

/// An answer with a body of one type. What the relay's protocol answers is never cached.
pub(crate) fn whole(status: StatusCode, media: &'static str, bytes: impl Into<Bytes>) -> Answer {
    let bytes = bytes.into();
    let mut answer = Response::new(AnswerBody::Whole((!bytes.is_empty()).then_some(bytes)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A problem in the form that the request asks for: JSON for people and tools, postcard for our clients.
pub(crate) fn problem(asked: &HeaderMap, problem: &Problem) -> Answer {
    let ours = asked.get_all(ACCEPT).iter().any(|accept| {
        accept
            .to_str()
            .is_ok_and(|accept| accept.contains(MEDIA_TYPE))
    });
    let (media, bytes) = if ours {
        (MEDIA_TYPE, daybook_log::wire::WireBody::to_wire(problem))
    } else {
        ("application/problem+json", problem::json(problem))
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut answer = whole(status, media, bytes);
    if let Some(seconds) = problem.retry_after_s {
        answer
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// Reads and drops what is left of a body before a "no" is told: a peer that is still sending when its connection is
/// closed never sees the answer. Past a length that no request has, or a moment, it is cut off all the same.
pub(crate) async fn drain<B: Body<Data = Bytes>>(mut body: Pin<&mut B>) {
    let mut left = WIRE_BYTES_MAX as usize * 2;
    let rest = async {
        while let Some(Ok(frame)) = body.frame().await {
            let read = frame.data_ref().map_or(0, Bytes::len);
            left = left.saturating_sub(read);
            if left == 0 {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_PATIENCE, rest).await;
}

/// What request bodies may hold together, and how long each may take to come.
#[derive(Debug)]
pub(crate) struct Room {
    kib: Arc<Semaphore>,
    patience: Duration,
}

/// A body in memory, with the room that it takes.
#[derive(Debug)]
pub(crate) struct Inbox {
    pub(crate) bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl Room {
    pub(crate) fn new(bytes_max: u32, patience: Duration) -> Room {
        let kib = Arc::new(Semaphore::new((bytes_max / 1024) as usize));
        Room { kib, patience }
    }

    /// Reads a body of at most `limit` bytes. A length that is announced and too large costs no memory.
    pub(crate) async fn read<B>(
        &self,
        headers: &HeaderMap,
        body: B,
        limit: u32,
    ) -> Result<Inbox, Box<Problem>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let too_large = || No::TooLarge.because(format!("at most {limit} bytes are taken here"));
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > u64::from(limit)) {
            return Err(too_large());
        }
        let expected = announced.unwrap_or(u64::from(limit));
        let kib = u32::try_from(expected.div_ceil(1024)).unwrap_or(u32::MAX);
        let room = self
            .kib
            .clone()
            .try_acquire_many_owned(kib)
            .map_err(|_| No::Overloaded.because("too many bytes in flight"))?;
        let read =
            tokio::time::timeout(self.patience, Limited::new(body, limit as usize).collect());
        match read.await {
            Err(_) => Err(No::Slow.because(format!("{:?} are given", self.patience))),
            Ok(Ok(collected)) => Ok(Inbox {
                bytes: collected.to_bytes(),
                _room: Some(room),
            }),
            Ok(Err(source)) if source.is::<LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => Err(No::Malformed.because("the body ended before its end")),
        }
    }
}
