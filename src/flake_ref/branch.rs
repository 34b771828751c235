//! The branch or channel that a reference names.

use crate::lock::Attributes;

/// The branch, tag or channel that an original reference asks for: `nixos-24.11`. `None` where it
/// leaves the choice to the source's default, or pins a revision.
///
/// Channel tarballs name theirs in the URL: `https://channels.nixos.org/CHANNEL/nixexprs.tar.xz`,
/// `https://nixos.org/channels/CHANNEL/…`.
pub fn branch<'a>(original: Attributes<'_, 'a>) -> Option<&'a str> {
    match original.kind() {
        "tarball" | "file" => {
            let url = original.text("url")?;
            let (_, path) = url.split_once("://")?;
            let channel = path
                .strip_prefix("channels.nixos.org/")
                .or_else(|| path.strip_prefix("nixos.org/channels/"))?;
            channel.split('/').next()
        }
        _ => original.text("ref"),
    }
}
