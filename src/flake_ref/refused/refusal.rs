//! What is refused, and by whom.

/// Which reference of a node it is: Nix checks `locked` more strictly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefKind {
    /// `locked`.
    Locked,
    /// `original`.
    Original,
}

/// Something in a reference for which Nix refuses the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The attribute that is wrong; `None` where one is missing.
    pub attribute: Option<&'a str>,
    /// What is wrong. Names and values from the lock are in it unescaped.
    pub problem: String,
    /// Who refuses it.
    pub by: RefusedBy,
}

/// The versions of Nix that refuse something, of 2.8, 2.26 and 2.34.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedBy {
    /// All of them.
    All,
    /// 2.8 and 2.34.
    AllBut226,
    /// 2.26 and 2.34.
    AllBut28,
    /// 2.34 alone.
    Newest,
    /// All of them; newer ones by a failed assertion instead of a message.
    AllWithCrash,
    /// 2.26 and 2.34, by a failed assertion.
    Crash,
}

impl RefusedBy {
    /// Whether Nix 2.`minor` (8, 26 or 34) refuses it.
    pub fn includes(self, minor: u32) -> bool {
        match self {
            RefusedBy::All | RefusedBy::AllWithCrash => true,
            RefusedBy::AllBut226 => minor != 26,
            RefusedBy::Newest => minor >= 34,
            RefusedBy::AllBut28 | RefusedBy::Crash => minor >= 26,
        }
    }
}
