/// Two nodes by index, `0..node_count`.
///
/// In an undirected context a pair is *canonical* if `src < dst`, so that each edge has one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// Source node, or the lower index of an undirected pair.
    pub src: u32,
    /// Target node, or the higher index of an undirected pair.
    pub dst: u32,
}

impl Pair {
    /// Creates a pair in the given direction.
    #[must_use]
    pub const fn new(src: u32, dst: u32) -> Self {
        Self { src, dst }
    }

    /// Returns the pair with the lower index first.
    #[must_use]
    pub const fn canonical(self) -> Self {
        if self.src <= self.dst { self } else { Self { src: self.dst, dst: self.src } }
    }

    /// Returns whether both nodes are the same.
    #[must_use]
    pub const fn is_self_loop(self) -> bool {
        self.src == self.dst
    }
}
