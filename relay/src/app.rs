//! One relay without its socket and its paths: from a request to its answer.

use crate::app_files::AppFiles;
use crate::auth::Asked;
use crate::body::AnswerBody;
use crate::body::{Answer, Answered, Inbox, Room, drain, problem, whole};
use crate::book::BookCell;
use crate::books::Books;
use crate::bucket::Bucket;
use crate::clock::Clock;
use crate::readers::Readers;
use crate::route::Route;
use crate::writer::Queue;
use crate::{No, api};
use daybook_log::wire::{Problem, WireBody};
use daybook_log::{BookId, Member, MemberRole, PublicKey, Standing};
use hyper::body::{Body, Bytes};
use hyper::header::{ALLOW, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::watch;

/// Everything that requests share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) clock: Arc<Clock>,
    pub(crate) relay_key: PublicKey,
    pub(crate) books: Books,
    pub(crate) readers: Readers,
    pub(crate) queue: Queue,
    pub(crate) room: Room,
    pub(crate) strangers_room: Room,
    pub(crate) strangers: Bucket,
    pub(crate) files: AppFiles,
    /// Turns true when the relay stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// A member's request, verified.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) cell: Arc<BookCell>,
    pub(crate) member: Member,
    pub(crate) inbox: Inbox,
}

/// What every request body must be able to do.
pub(crate) trait Incoming:
    Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
{
}
impl<B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>> Incoming for B {}

impl App {
    /// Answers one request of the protocol. Whatever comes in, the answer is a typed one.
    pub(crate) async fn api<B: Incoming>(
        &self,
        route: Option<Route>,
        request: Request<B>,
    ) -> Response<AnswerBody> {
        let (parts, body) = request.into_parts();
        let mut body = pin!(body);
        let answered = match route {
            Some(route) => self.carry_out(route, &parts, body.as_mut()).await,
            None => Err(No::NotFound.because("")),
        };
        match answered {
            Ok(answer) => answer,
            Err(why) => {
                drain(body).await;
                let mut answer = problem(&parts.headers, &why);
                if let Some(route) = route.filter(|_| why.kind == No::Method.kind()) {
                    let methods = HeaderValue::from_static(route.methods());
                    answer.headers_mut().insert(ALLOW, methods);
                }
                answer
            }
        }
    }

    /// One of the app's files, or that there is none.
    pub(crate) fn file(&self, parts: &Parts) -> Response<AnswerBody> {
        self.files.answer(parts)
    }

    async fn carry_out<B: Incoming>(&self, route: Route, parts: &Parts, body: B) -> Answered {
        let (get, post) = (parts.method == Method::GET, parts.method == Method::POST);
        match route {
            Route::Live if get => Ok(whole(StatusCode::OK, "text/plain", "live\n")),
            Route::Ready if get => self.ready(),
            Route::Key if get => api::key(self),
            Route::Books if post => api::found(self, parts, body).await,
            Route::Joins(book) if post => api::ask_to_join(self, parts, body, &book).await,
            Route::Joins(book) if get => api::who_asks(self, parts, body, &book).await,
            Route::Join(book, id) if get => {
                api::how_it_stands(self, parts, body, (&book, &id)).await
            }
            Route::Genesis(book) if get => api::genesis(self, parts, body, &book).await,
            Route::Tip(book) if get => api::tip(self, parts, body, &book).await,
            Route::Entries(book) if post => api::append(self, parts, body, &book).await,
            Route::Entries(book) if get => api::range(self, parts, body, &book).await,
            Route::Chunk(book, id) if get => api::chunk(self, parts, body, (&book, &id)).await,
            Route::Chunk(book, id) if parts.method == Method::PUT => {
                api::put_chunk(self, parts, body, (&book, &id)).await
            }
            Route::Tail(book) if get => api::tail(self, parts, body, &book).await,
            Route::Checkpoint(book) if get => api::checkpoint(self, parts, body, &book).await,
            Route::Consistency(book) if get => api::consistency(self, parts, body, &book).await,
            Route::Receipt(book, id) if get => api::receipt(self, parts, body, (&book, &id)).await,
            _ => Err(No::Method.because(route.methods())),
        }
    }

    fn ready(&self) -> Answered {
        if *self.stopping.borrow() {
            Err(No::Draining.because(""))
        } else {
            Ok(whole(StatusCode::OK, "text/plain", "ready\n"))
        }
    }

    /// Lets a member of the book in, and nobody else. A device whose keys have ended is none any more.
    pub(crate) async fn member<B: Incoming>(
        &self,
        parts: &Parts,
        body: B,
        book: &BookId,
        limit: u32,
    ) -> Result<Visit, Box<Problem>> {
        let visit = self.registered(parts, body, book, limit).await?;
        match visit.member.standing {
            Standing::Revoked { at } => Err(No::Revoked.because(format!("at position {at}"))),
            Standing::Active | Standing::Frozen { .. } => Ok(visit),
        }
    }

    /// Lets in whoever is in the registry, ended or not, so that an append gets an answer per entry: headers and clock, registry, then the body, then its digest and the
    /// signature over all of it.
    pub(crate) async fn registered<B: Incoming>(
        &self,
        parts: &Parts,
        body: B,
        book: &BookId,
        limit: u32,
    ) -> Result<Visit, Box<Problem>> {
        let asked = Asked::of(parts, self.clock.now_ms())?;
        let cell = self.books.get(book).await?;
        let member = cell.view().members.get(&asked.key()).cloned();
        let member = member.ok_or_else(|| No::NotAMember.because("ask to join"))?;
        asked.verify_head(&member.request_key)?;
        let inbox = self.room.read(&parts.headers, body, limit).await?;
        asked.verify_body(&inbox.bytes)?;
        Ok(Visit {
            cell,
            member,
            inbox,
        })
    }

    /// The same for managers.
    pub(crate) async fn manager<B: Incoming>(
        &self,
        parts: &Parts,
        body: B,
        book: &BookId,
    ) -> Result<Visit, Box<Problem>> {
        let visit = self.member(parts, body, book, 0).await?;
        if visit.member.role == MemberRole::Manager {
            Ok(visit)
        } else {
            Err(No::NotManager.because(""))
        }
    }

    /// A request of somebody whose key is in the request alone.
    pub(crate) async fn stranger<B: Incoming>(
        &self,
        parts: &Parts,
        body: B,
        limit: u32,
    ) -> Result<(PublicKey, Inbox), Box<Problem>> {
        let asked = Asked::of(parts, self.clock.now_ms())?;
        if !self.strangers.take() {
            return Err(No::Rate.because(""));
        }
        asked.verify_stranger()?;
        let inbox = self
            .strangers_room
            .read(&parts.headers, body, limit)
            .await?;
        asked.verify_body(&inbox.bytes)?;
        Ok((asked.key(), inbox))
    }
}

/// An answer of the relay's protocol.
pub(crate) fn answer<T: WireBody>(status: StatusCode, body: &T) -> Answer {
    whole(status, daybook_log::wire::MEDIA_TYPE, body.to_wire())
}
