//! A small real server that speaks `emo-detect-v1` and takes `emo-v1`'s video calls, to try and to
//! test against.
//!
//! It listens on loopback, checks a request as the service does, fetches the image, judges its
//! format and its size (400 to 7,000 px a side), and then says what a script says about that image.
//! Without a script every portrait passes **with made-up boxes**: no face is looked for. A video
//! call is checked, too, and its task ends with an address that leads nowhere: no video is made.
//!
//! Each answer admits it. It carries the header `x-standin: made-up`; its request id begins with
//! `standin-`; the header `x-standin-origin` says who decided (`made-up`, `scripted`, `judged` by
//! the request or the image itself, or `fault`).
//!
//! | request | answer |
//! |---|---|
//! | `POST /api/v1/services/aigc/image2video/face-detect` | the check, with each shape of a failed one |
//! | `GET /api/v1/uploads?action=getPolicy&model=…` | leave to upload files to the temporary store |
//! | `POST /standin/store` | that store: form upload, errors in XML |
//! | `POST /api/v1/services/aigc/image2video/video-synthesis` | the video call: a task, or a refusal |
//! | `GET /api/v1/tasks/{task_id}` | RUNNING at the first look, SUCCEEDED or FAILED at the second |
//! | `GET /standin/stats` | [`Stats`] as JSON: requests, and what would have been charged |
//!
//! A slash at the end of a path of the models or tasks makes no difference. Wire bodies, codes and
//! messages are the vendor's, so that a client cannot tell the difference except by the marks. It
//! shares no code with the crates that it is there to test.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use standin::{Script, Standin};
//!
//! let standin = Standin::builder()
//!     .script(Script::parse(
//!         r#"
//!         [[image]]
//!         name = "crowd.jpg"
//!         verdict = "InvalidFile.MultiHuman"
//!         "#,
//!     )?)
//!     .start()
//!     .await?;
//!
//! // Point a client at it …
//! let base_url = standin.base_url(); // http://127.0.0.1:<port>/api/v1
//! assert!(base_url.ends_with("/api/v1"));
//! // … and ask the server itself what would have been charged.
//! assert_eq!(standin.stats().billable, 0);
//! # Ok(())
//! # }
//! ```

mod api_error;
mod bounded;
mod boxes;
mod builder;
mod call;
mod catalogue;
mod delivery;
mod detect;
mod endpoint;
pub mod fault;
mod fetch;
mod inspection;
mod inspector;
mod loans;
mod past_verdicts;
mod reasons;
mod reply;
mod request;
mod scratch;
mod script;
mod server;
mod service;
mod spoil;
mod stats;
mod store;
mod tasks;
mod throttle;
mod unmet;
mod uploads;
mod verdict;
mod video;
mod wire;

pub use crate::api_error::{ApiError, ErrorStyle};
pub use crate::builder::{Builder, StartError};
pub use crate::endpoint::Endpoint;
pub use crate::fault::{Cut, Fault};
pub use crate::loans::LocalUrl;
pub use crate::request::key_id;
pub use crate::script::{Script, ScriptError};
pub use crate::server::Standin;
pub use crate::stats::{BilledCall, ImageStats, Stats};
pub use crate::store::UploadBinding;
pub use crate::unmet::UnmetFaults;
pub use crate::verdict::FailureShape;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The detector: the only one accepted unless [`Builder::model`] names more.
pub const MODEL: &str = "emo-detect-v1";

/// The video model: the only one accepted unless [`Builder::video_model`] names more.
pub const VIDEO_MODEL: &str = "emo-v1";

/// A key to send where any is accepted. It opens nothing.
pub const KEY: &str = "sk-standin";
