//! A column of boxes in a fixed order, each as near as possible to where it should be.

/// A box in a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColumnEntry {
    /// The best place for its middle.
    pub(super) wanted: f64,
    /// Half of its height.
    pub(super) half: f64,
    /// The gap that it needs above and below.
    pub(super) room: f64,
}

/// Entries that touch, and so move together.
struct Block {
    /// Sum and number of the best places for its first entry, as each of its entries sees it.
    sum: f64,
    count: f64,
    entries: usize,
}

/// The middles of the entries, without overlap and with the least squared distance from the wanted
/// places: isotonic regression, by pooling neighbours that collide. Linear.
pub(super) fn settle(entries: &[ColumnEntry]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(entries.len());
    let mut offset = 0.0;
    let mut above: Option<&ColumnEntry> = None;
    for entry in entries {
        if let Some(above) = above {
            offset += above.half + entry.half + f64::midpoint(above.room, entry.room);
        }
        offsets.push(offset);
        above = Some(entry);
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (entry, offset) in entries.iter().zip(&offsets) {
        let mut block = Block { sum: entry.wanted - offset, count: 1.0, entries: 1 };
        while let Some(above) = blocks.pop_if(|above| above.mean() >= block.mean()) {
            block.sum += above.sum;
            block.count += above.count;
            block.entries += above.entries;
        }
        blocks.push(block);
    }
    let firsts = blocks.iter().flat_map(|block| std::iter::repeat_n(block.mean(), block.entries));
    firsts.zip(offsets).map(|(first, offset)| first + offset).collect()
}

impl Block {
    fn mean(&self) -> f64 {
        self.sum / self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(wanted: f64) -> ColumnEntry {
        ColumnEntry { wanted, half: 5.0, room: 2.0 }
    }

    #[test]
    fn what_has_room_stays_and_what_has_none_shares_the_way() {
        let settled =
            |wanted: &[f64]| settle(&wanted.iter().map(|w| entry(*w)).collect::<Vec<_>>());
        assert_eq!(settled(&[0.0, 100.0]), [0.0, 100.0]);
        assert_eq!(settled(&[50.0, 50.0]), [44.0, 56.0]);
        assert_eq!(settled(&[10.0, 0.0, 200.0]), [-1.0, 11.0, 200.0]);
        assert_eq!(settled(&[]), [0.0; 0]);
    }

    #[test]
    fn nothing_overlaps_and_the_order_stays() {
        let wanted = (0..500_u32).map(|at| f64::from(at * 7919 % 1009));
        let settled = settle(&wanted.map(entry).collect::<Vec<_>>());
        assert!(settled.windows(2).all(|pair| pair[1] - pair[0] > 11.999));
    }
}
