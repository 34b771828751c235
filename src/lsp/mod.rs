//! `flake-audit lsp`: a language server for `flake.nix`, `flake.lock` and `flake-audit.toml`.
//!
//! Open documents take precedence over the disk. The server ([`serve`]) keeps what the client has
//! open (`documents`) and knows which flake a file belongs to (`flakes`); one other thread audits a
//! flake and answers questions about it as long as nothing changes (`auditor`). Diagnostics are the
//! report of `check` in the terms of the protocol.
//!
//! Source: "Language Server Protocol Specification", version 3.17.

mod actions;
mod auditor;
mod capabilities;
mod changes;
mod client;
mod completion;
mod configuration;
mod definition;
mod diagnostics;
mod documents;
mod flakes;
mod hover;
mod inlay;
mod journal;
mod last_good;
mod outbox;
mod pointed;
mod positions;
mod question;
mod rename;
mod server;
mod session;
mod symbols;
mod texts;
mod transport;
mod typed;
mod uri;
mod workspace;

pub use auditor::Options;
pub use journal::Journal;
pub use server::serve;
