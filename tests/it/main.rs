//! x

mod draw;
