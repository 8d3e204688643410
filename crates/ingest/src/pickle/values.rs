//! Values of a pickle.

/// The globals a pickle may name. Python 3 and newer numpy and scipy use other module names for the same
/// things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Global {
    /// `scipy.sparse.csr csr_matrix`
    CsrMatrix,
    /// `numpy ndarray`
    NdArray,
    /// `numpy dtype`
    Dtype,
    /// `numpy.core.multiarray _reconstruct`
    Reconstruct,
    /// `collections defaultdict`
    DefaultDict,
    /// `__builtin__ list`
    List,
}

impl Global {
    pub(super) fn named(module: &[u8], name: &[u8]) -> Option<Self> {
        Some(match (module, name) {
            (b"scipy.sparse.csr" | b"scipy.sparse._csr", b"csr_matrix") => Self::CsrMatrix,
            (b"numpy", b"ndarray") => Self::NdArray,
            (b"numpy", b"dtype") => Self::Dtype,
            (b"numpy.core.multiarray" | b"numpy._core.multiarray", b"_reconstruct") => {
                Self::Reconstruct
            }
            (b"collections", b"defaultdict") => Self::DefaultDict,
            (b"__builtin__" | b"builtins", b"list") => Self::List,
            _ => return None,
        })
    }
}

/// A value on the stack: small things as they are, compound things by their place in the arena.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Item {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A slice of the input; Python 2 strings are bytes, unicode strings are checked UTF-8.
    Bytes {
        start: u32,
        len: u32,
    },
    Global(Global),
    Compound(u32),
}

/// A compound value and the byte at which it began, for error messages.
#[derive(Debug)]
pub(super) struct Compound {
    pub(super) at: u32,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Tuple(Vec<Item>),
    List(Vec<Item>),
    Dict(Vec<(Item, Item)>),
    /// An object that `REDUCE` or `NEWOBJ` made of a class: arguments as given, state from `BUILD`.
    Object {
        class: Global,
        args: Item,
        state: Option<Item>,
    },
}

impl Item {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Bytes { .. } => "a string",
            Self::Global(_) => "a class",
            Self::Compound(_) => "a compound value",
        }
    }
}

impl Body {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Tuple(_) => "a tuple",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dict",
            Self::Object { class: Global::CsrMatrix, .. } => "a csr_matrix",
            Self::Object { class: Global::DefaultDict, .. } => "a defaultdict",
            Self::Object { class: Global::Dtype, .. } => "a dtype",
            Self::Object { .. } => "an ndarray",
        }
    }
}
