/// A tensor of the wrong shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("model: {name}: expected {expected}, found {found}")]
pub struct ShapeError {
    /// Name of the tensor.
    pub name: String,
    /// Expected shape.
    pub expected: String,
    /// Actual shape.
    pub found: String,
}

impl ShapeError {
    /// An error about tensor `name`; a shape of `None` means that the tensor is absent.
    pub fn new(
        name: impl Into<String>,
        expected: Option<(usize, usize)>,
        found: Option<(usize, usize)>,
    ) -> Self {
        let text = |shape: Option<(usize, usize)>| {
            shape.map_or_else(|| "none".to_owned(), |(rows, cols)| format!("{rows} x {cols}"))
        };
        Self { name: name.into(), expected: text(expected), found: text(found) }
    }
}
