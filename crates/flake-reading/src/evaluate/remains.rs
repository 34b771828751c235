//! What the last evaluation of a thread has left in memory.
//!
//! To free the thunks of a large flake one by one takes a sixth of its evaluation, and the last one of
//! a process can leave that to the system.

use std::cell::RefCell;

use super::heap::Heap;
use super::memo::CallMemo;
use super::modules::Class;

/// The memory of an evaluation that has ended. It is freed by being dropped.
struct Remains {
    _heap: Heap,
    _calls: CallMemo,
    #[expect(clippy::vec_box, reason = "it is taken over from an evaluator")]
    _classes: Vec<Box<Class>>,
}

thread_local! {
    static REMAINS: RefCell<Option<Remains>> = const { RefCell::new(None) };
}

/// Keeps the memory of an evaluation that has ended, until the next one of this thread begins or the
/// thread ends.
#[expect(clippy::vec_box, reason = "it is taken over from an evaluator")]
pub(super) fn keep(heap: Heap, calls: CallMemo, classes: Vec<Box<Class>>) {
    REMAINS.set(Some(Remains { _heap: heap, _calls: calls, _classes: classes }));
}

/// Frees what the evaluation before has left, so that never two are in memory.
pub(super) fn free() {
    REMAINS.take();
}

/// Leaves the memory of this thread's last evaluation to the system: for the end of a process.
pub fn leave_memory() {
    std::mem::forget(REMAINS.take());
}
