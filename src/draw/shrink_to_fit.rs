//! Less and less of a lock, for formats with a limited size.

use super::view::{View, ViewOptions};

/// What `draw` makes of a view, or of less of it: `--nixpkgs-only` if everything does not fit; and
/// if that does not fit either, a number of nodes nearest to the root, of which at most `most`
/// could ever fit. The view itself says what it leaves out.
pub(super) fn fitting<T>(
    view: &View<'_, '_, '_, '_>,
    most: usize,
    draw: impl Fn(&View<'_, '_, '_, '_>) -> Option<T>,
) -> Option<T> {
    if let Some(drawn) = draw(view) {
        return Some(drawn);
    }
    let mut options = ViewOptions { nixpkgs_only: true, ..view.options() };
    let mut smaller = View::new(view.analysis(), &options);
    if smaller.nodes().len() == 1 {
        // There is no nixpkgs.
        options.nixpkgs_only = false;
        smaller = View::new(view.analysis(), &options);
    }
    let mut count = smaller.nodes().len().min(most);
    loop {
        if let Some(drawn) = draw(&smaller) {
            return Some(drawn);
        }
        if count == 0 {
            return None;
        }
        count = count * 4 / 5;
        options.most = Some(count);
        smaller = View::new(view.analysis(), &options);
    }
}
