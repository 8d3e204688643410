/// Two nodes by their dense index, `0..node_count`.
///
/// In an undirected context a pair is *canonical* when `src < dst`, so that each edge has one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// The source node, or the lower index of an undirected pair.
    pub src: u32,
    /// The target node, or the higher index of an undirected pair.
    pub dst: u32,
}

impl Pair {
    /// The pair as given.
    #[must_use]
    pub const fn new(src: u32, dst: u32) -> Self {
        Self { src, dst }
    }

    /// The same two nodes with the lower index first.
    #[must_use]
    pub const fn canonical(self) -> Self {
        if self.src <= self.dst { self } else { Self { src: self.dst, dst: self.src } }
    }

    /// Whether both ends are the same node.
    #[must_use]
    pub const fn is_self_loop(self) -> bool {
        self.src == self.dst
    }
}
