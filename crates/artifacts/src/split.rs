use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::{self, Table, booleans, optional, required};
use crate::{
    ArtifactError, ContentHash, Kind, NodeTypes, Pair, PairTypes, Part, Provenance, Relations,
    Result, parse_name,
};

/// Held-out pairs with their truth: edges and as many negatives, in the order drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelledPairs {
    /// Edges of the graph.
    pub positive: Vec<Pair>,
    /// Pairs that are not edges of the whole graph.
    pub negative: Vec<Pair>,
}

/// Edges for message passing. The positive pairs of the training loss are the training edges for every value.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Hash,
    JsonSchema,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumMessage,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Messages {
    /// Training edges
    #[default]
    Train,
    /// Training edges; when test pairs are scored, validation edges too
    ValidationAtTest,
    /// All edges, test edges included: a LEAK, to measure its effect
    Everything,
}

impl Messages {
    /// Returns the warning that accompanies results with message passing over [`Messages::Everything`].
    #[must_use]
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Train | Self::ValidationAtTest => None,
            Self::Everything => Some(
                "LEAK: message passing over the edges that are predicted. These numbers measure the leak and \
                 are not results.",
            ),
        }
    }
}

/// Weights of held-out edges, in the order of the positive pairs of each part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeldOutWeights {
    /// Weights of validation edges.
    pub validation: Vec<f32>,
    /// Weights of test edges.
    pub test: Vec<f32>,
}

/// Split of the edges of a graph into training, validation and test edges. Pairs are canonical (`src < dst`) or, in
/// a directed split, from a source to a target.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeSplit {
    node_count: usize,
    train: Vec<Pair>,
    /// Training edges without direction: canonical, sorted, distinct. Only in a directed split; else it is `train`.
    undirected: Option<Vec<Pair>>,
    train_weights: Option<Vec<f32>>,
    /// Weights of the held-out edges, of a graph with weights.
    held_out_weights: Option<HeldOutWeights>,
    validation: LabelledPairs,
    test: LabelledPairs,
    messages: Messages,
    /// Sorted edges for message passing, if they differ from `train`.
    open: Vec<Pair>,
    /// Pairs that may be edges, in a graph with node types.
    pair_types: Option<Arc<PairTypes>>,
    /// Relation types, in a graph that has them.
    relations: Option<Arc<SplitRelations>>,
}

/// Relation types of all edges, and of the training edges alone.
#[derive(Debug, PartialEq)]
struct SplitRelations {
    all: Relations,
    train: Vec<(Pair, u32)>,
}

impl EdgeSplit {
    /// Creates a split from its parts. Training edges are sorted, held-out pairs keep their order.
    ///
    /// # Errors
    /// Returns an error when a pair is not canonical or a node index is not below `node_count`. The crate
    /// `split` certifies that the parts are disjoint.
    pub fn new(
        node_count: usize,
        train: Vec<Pair>,
        validation: LabelledPairs,
        test: LabelledPairs,
    ) -> Result<Self> {
        let split = Self::sorted(node_count, train, validation, test);
        split.check_pairs(&format!("src < dst < {node_count}"), |pair| {
            pair.src < pair.dst && (pair.dst as usize) < node_count
        })?;
        Ok(split)
    }

    /// Creates a directed split: `a -> b` and `b -> a` are two pairs, each in a part of its own.
    ///
    /// # Errors
    /// Returns an error when a pair is a self-loop or a node index is not below `node_count`.
    pub fn directed(
        node_count: usize,
        train: Vec<Pair>,
        validation: LabelledPairs,
        test: LabelledPairs,
    ) -> Result<Self> {
        let mut split = Self::sorted(node_count, train, validation, test);
        split.check_pairs(&format!("two different nodes below {node_count}"), |pair| {
            !pair.is_self_loop() && (pair.src.max(pair.dst) as usize) < node_count
        })?;
        let mut undirected: Vec<Pair> = split.train.iter().map(|pair| pair.canonical()).collect();
        undirected.sort_unstable();
        undirected.dedup();
        split.undirected = Some(undirected);
        Ok(split)
    }

    /// Creates an unchecked split.
    fn sorted(
        node_count: usize,
        mut train: Vec<Pair>,
        validation: LabelledPairs,
        test: LabelledPairs,
    ) -> Self {
        train.sort_unstable();
        let (messages, open) = (Messages::Train, Vec::new());
        let (undirected, train_weights, pair_types) = (None, None, None);
        Self {
            node_count,
            train,
            undirected,
            train_weights,
            held_out_weights: None,
            validation,
            test,
            messages,
            open,
            pair_types,
            relations: None,
        }
    }

    fn check_pairs(&self, expected: &str, is_sound: impl Fn(Pair) -> bool) -> Result<()> {
        let unsound = self.rows().find(|&(_, _, pair)| !is_sound(pair));
        let Some((part, positive, pair)) = unsound else { return Ok(()) };
        let sign = if positive { "positive" } else { "negative" };
        let found = format!("({}, {})", pair.src, pair.dst);
        Err(ArtifactError::invalid(format!("{sign} {part} pair"), expected, found))
    }

    /// Returns whether pairs have a direction.
    #[must_use]
    pub fn is_directed(&self) -> bool {
        self.undirected.is_some()
    }

    /// Returns a pair as this split lists it: canonical, or as it is in a directed split.
    #[must_use]
    pub fn listed(&self, pair: Pair) -> Pair {
        if self.is_directed() { pair } else { pair.canonical() }
    }

    /// Adds a weight per training edge, in the order of [`EdgeSplit::train`].
    ///
    /// # Errors
    /// Returns an error when the number of weights differs from that of training edges, or one is not finite.
    pub fn with_train_weights(mut self, weights: Vec<f32>) -> Result<Self> {
        let count = self.train.len();
        if self.is_directed() {
            let expected = "an undirected split, as no directed decoder reads them".to_owned();
            return Err(ArtifactError::invalid(
                "weights of training edges",
                expected,
                "a directed split".to_owned(),
            ));
        }
        check_weights("weights of training edges", &weights, count)?;
        self.train_weights = Some(weights);
        Ok(self)
    }

    /// Adds the weights of held-out edges. They are measured against predicted weights and not part of the
    /// [`TrainView`].
    ///
    /// # Errors
    /// Returns an error when training edges have no weights, the number of weights differs from that of held-out
    /// edges, or one is not finite.
    pub fn with_held_out_weights(mut self, weights: HeldOutWeights) -> Result<Self> {
        if self.train_weights.is_none() {
            return Err(ArtifactError::invalid(
                "weights of held-out edges",
                "training edges with weights",
                "training edges without weights",
            ));
        }
        let HeldOutWeights { validation, test } = &weights;
        let edges = [self.validation.positive.len(), self.test.positive.len()];
        check_weights("weights of validation edges", validation, edges[0])?;
        check_weights("weights of test edges", test, edges[1])?;
        self.held_out_weights = Some(weights);
        Ok(self)
    }

    /// Returns the weights of the held-out edges, if the graph has weights.
    #[must_use]
    pub fn held_out_weights(&self) -> Option<&HeldOutWeights> {
        self.held_out_weights.as_ref()
    }

    /// Adds the node types of a heterogeneous graph: negatives are then restricted to the pairs of
    /// [`PairTypes`], determined from the edges of all parts.
    ///
    /// # Errors
    /// Returns an error when the number of types differs from that of nodes.
    pub fn with_node_types(mut self, types: NodeTypes) -> Result<Self> {
        types.check(self.node_count)?;
        let parts = [&self.train, &self.validation.positive, &self.test.positive];
        let pair_types = PairTypes::of_edges(types, parts.into_iter().flatten())?;
        self.pair_types = Some(Arc::new(pair_types));
        Ok(self)
    }

    /// Sets the allowed pairs to those of another split of the same nodes.
    #[must_use]
    pub fn with_pair_types(mut self, pair_types: Option<Arc<PairTypes>>) -> Self {
        self.pair_types = pair_types;
        self
    }

    /// Adds the relation types of the edges of the graph.
    ///
    /// # Errors
    /// Returns an error when an edge has no relation type.
    pub fn with_relations(mut self, relations: &Relations) -> Result<Self> {
        let all = relations.mapped(|pair| self.listed(pair));
        let parts = [&self.train, &self.validation.positive, &self.test.positive];
        if let Some(pair) = parts.into_iter().flatten().find(|pair| all.of(**pair).is_empty()) {
            return Err(ArtifactError::invalid(
                "relations",
                format!("a relation of the edge ({}, {})", pair.src, pair.dst),
                "none",
            ));
        }
        let train = all.of_edges(&self.train);
        self.relations = Some(Arc::new(SplitRelations { all, train }));
        Ok(self)
    }

    /// Returns the relation types of the edges of all parts, if there are any.
    #[must_use]
    pub fn relations(&self) -> Option<&Relations> {
        self.relations.as_ref().map(|relations| &relations.all)
    }

    /// Returns the pairs that may be edges, if nodes have types.
    #[must_use]
    pub fn pair_types(&self) -> Option<&PairTypes> {
        self.pair_types.as_deref()
    }

    /// Sets the edges for message passing.
    ///
    /// # Errors
    /// Returns an error when training edges have weights or the split is directed, and `messages` is not
    /// [`Messages::Train`]: held-out edges have no weights here.
    pub fn with_messages(mut self, messages: Messages) -> Result<Self> {
        let why = match (&self.train_weights, self.is_directed()) {
            (Some(_), _) => Some("the edges have weights"),
            (None, true) => Some("the split is directed"),
            (None, false) => None,
        };
        if let (Some(why), true) = (why, messages != Messages::Train) {
            return Err(ArtifactError::invalid(
                "messages",
                format!("\"train\", as {why}"),
                format!("\"{messages}\""),
            ));
        }
        let test: &[Pair] = match messages {
            Messages::Everything => &self.test.positive,
            _ => &[],
        };
        let validation = &self.validation.positive;
        self.open = match messages {
            Messages::Train => Vec::new(),
            _ => [&self.train, &validation[..], test].concat(),
        };
        self.open.sort_unstable();
        self.messages = messages;
        Ok(self)
    }

    /// Returns the edges for message passing.
    #[must_use]
    pub fn messages(&self) -> Messages {
        self.messages
    }

    /// Returns the number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.node_count
    }

    /// Returns the training edges, sorted.
    #[must_use]
    pub fn train(&self) -> &[Pair] {
        &self.train
    }

    /// Returns the validation pairs.
    #[must_use]
    pub fn validation(&self) -> &LabelledPairs {
        &self.validation
    }

    /// Returns the test pairs.
    #[must_use]
    pub fn test(&self) -> &LabelledPairs {
        &self.test
    }

    /// Returns the view of the split that a model is trained on.
    #[must_use]
    pub fn train_view(&self) -> TrainView<'_> {
        self.view(self.messages == Messages::Everything)
    }

    /// Returns the view for scoring test pairs if it differs from the training view: message passing then
    /// covers validation edges too.
    #[must_use]
    pub fn test_view(&self) -> Option<TrainView<'_>> {
        (self.messages == Messages::ValidationAtTest).then(|| self.view(true))
    }

    fn view(&self, is_open: bool) -> TrainView<'_> {
        TrainView {
            node_count: self.node_count,
            edges: self.undirected.as_deref().unwrap_or(&self.train),
            directed: self.is_directed().then_some(self.train.as_slice()),
            weights: self.train_weights.as_deref(),
            messages: is_open.then_some(self.open.as_slice()),
            pair_types: self.pair_types.as_ref(),
            relations: self.relations.as_ref().map(|relations| TrainRelations {
                names: relations.all.names(),
                triples: &relations.train,
            }),
        }
    }

    /// Returns every pair with its part and truth, in stored order.
    pub fn rows(&self) -> impl Iterator<Item = (Part, bool, Pair)> + '_ {
        fn of(
            part: Part,
            positive: bool,
            pairs: &[Pair],
        ) -> impl Iterator<Item = (Part, bool, Pair)> {
            pairs.iter().map(move |&pair| (part, positive, pair))
        }
        of(Part::Train, true, &self.train)
            .chain(of(Part::Validation, true, &self.validation.positive))
            .chain(of(Part::Validation, false, &self.validation.negative))
            .chain(of(Part::Test, true, &self.test.positive))
            .chain(of(Part::Test, false, &self.test.negative))
    }

    /// Returns a hash over all pairs and their parts.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        let bytes = |(part, positive, pair): (Part, bool, Pair)| {
            let ([a, b, c, d], [e, f, g, h]) = (pair.src.to_le_bytes(), pair.dst.to_le_bytes());
            [part as u8, u8::from(positive), a, b, c, d, e, f, g, h]
        };
        let mut rows = self.rows().map(bytes);
        let rows = std::iter::from_fn(|| {
            let piece: Vec<u8> = rows.by_ref().take(1 << 12).flatten().collect();
            (!piece.is_empty()).then_some(piece)
        });
        let node_count = (self.node_count as u64).to_le_bytes().to_vec();
        ContentHash::of_pieces(std::iter::once(node_count).chain(rows))
    }

    fn fields() -> Vec<Field> {
        vec![
            required("src", DataType::UInt32, "index of the first node"),
            required("dst", DataType::UInt32, "index of the second node"),
            required("part", DataType::Utf8, "train, val or test"),
            required("positive", DataType::Boolean, "whether the pair is an edge"),
        ]
    }

    /// Returns the column of weights, which is absent for unweighted graphs.
    fn weight_field() -> Field {
        optional("weight", DataType::Float32, "weight of an edge; null for negatives")
    }

    pub(crate) fn forms() -> Vec<Vec<Field>> {
        let mut weighted = Self::fields();
        weighted.push(Self::weight_field());
        vec![Self::fields(), weighted]
    }

    /// Writes `split.parquet`: `src`, `dst` u32, `part` utf8 (train / val / test), `positive` bool and, if
    /// the edges have weights, `weight` f32, which is null for negatives.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let (mut fields, mut columns) = (Self::fields(), self.columns());
        if let Some(weights) = &self.train_weights {
            let known = |weights: &[f32]| weights.iter().copied().map(Some).collect::<Vec<_>>();
            let unknown = |pairs: &[Pair]| vec![None; pairs.len()];
            let of_part = |weights: Option<&Vec<f32>>, pairs: &LabelledPairs| {
                let positive = weights.map_or_else(|| unknown(&pairs.positive), |all| known(all));
                [positive, unknown(&pairs.negative)].concat()
            };
            let held_out = self.held_out_weights.as_ref();
            let validation = held_out.map(|weights| &weights.validation);
            let test = held_out.map(|weights| &weights.test);
            let weights = known(weights)
                .into_iter()
                .chain(of_part(validation, &self.validation))
                .chain(of_part(test, &self.test));
            fields.push(Self::weight_field());
            columns.push(Arc::new(weights.collect::<Float32Array>()));
        }
        let mut facts = vec![("node_count", self.node_count.to_string())];
        if self.is_directed() {
            facts.push((DIRECTED, true.to_string()));
        }
        if self.messages != Messages::Train {
            facts.push((MESSAGES, self.messages.to_string()));
        }
        table::write_parquet(path, Kind::Split, fields, columns, &facts, provenance)
    }

    fn columns(&self) -> Vec<ArrayRef> {
        vec![
            Arc::new(UInt32Array::from_iter_values(self.rows().map(|(_, _, pair)| pair.src))),
            Arc::new(UInt32Array::from_iter_values(self.rows().map(|(_, _, pair)| pair.dst))),
            Arc::new(StringArray::from_iter_values(
                self.rows().map(|(part, _, _)| <&str>::from(part)),
            )),
            booleans(self.rows().map(|(_, positive, _)| positive)),
        ]
    }

    /// Reads a file of [`EdgeSplit::write`], or a table with the same columns from another tool.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or violates a rule of
    /// [`EdgeSplit::new`].
    pub fn read(path: &Path, node_count: usize) -> Result<Self> {
        let optional = [Self::weight_field()];
        let table = Table::read_parquet_with(path, Kind::Split, &Self::fields(), &optional)?;
        let is_weighted = table.has("weight") && !table.is_empty_column("weight")?;
        let weights = if is_weighted { table.f32s("weight")? } else { Vec::new() };
        let mut train_weights = Vec::new();
        let mut held_out_weights = HeldOutWeights::default();
        let mut train = Vec::new();
        let (mut validation, mut test) = (LabelledPairs::default(), LabelledPairs::default());
        let parts = table.parts("part")?;
        let positives = table.bools("positive")?;
        let rows = table.pairs()?.into_iter().zip(parts).zip(positives).enumerate();
        for (row, ((pair, part), positive)) in rows {
            match part {
                Part::Train if is_weighted => {
                    train_weights.push((pair, weights[row].unwrap_or(1.0)));
                }
                Part::Validation if is_weighted && positive => {
                    held_out_weights.validation.extend(weights[row]);
                }
                Part::Test if is_weighted && positive => held_out_weights.test.extend(weights[row]),
                Part::Train | Part::Validation | Part::Test => {}
            }
            let target = match (part, positive) {
                (Part::Train, true) => &mut train,
                (Part::Train, false) => {
                    return Err(ArtifactError::invalid(
                        "part `train`",
                        "edges only",
                        format!("negative pair ({}, {})", pair.src, pair.dst),
                    )
                    .in_file(path));
                }
                (Part::Validation, true) => &mut validation.positive,
                (Part::Validation, false) => &mut validation.negative,
                (Part::Test, true) => &mut test.positive,
                (Part::Test, false) => &mut test.negative,
            };
            target.push(pair);
        }
        let messages = table
            .fact(MESSAGES)
            .map_or(Ok(Messages::Train), |name| parse_name("`vgae.messages`", name));
        let messages = messages.map_err(|error| error.in_file(path))?;
        let split = match table.fact(DIRECTED) {
            Some("true") => Self::directed(node_count, train, validation, test),
            _ => Self::new(node_count, train, validation, test),
        };
        let split = split.and_then(|split| {
            if !is_weighted {
                return Ok(split);
            }
            // In the order of the edges, which `new` sorts.
            train_weights.sort_by_key(|&(pair, _)| pair);
            let weights = train_weights.into_iter().map(|(_, weight)| weight).collect();
            let split = split.with_train_weights(weights)?;
            // Files of other tools may have weights of training edges only.
            let HeldOutWeights { validation, test } = &held_out_weights;
            if validation.is_empty() && test.is_empty() {
                return Ok(split);
            }
            split.with_held_out_weights(held_out_weights)
        });
        let split = split.and_then(|split| split.with_messages(messages));
        split.map_err(|error| error.in_file(path))
    }
}

/// Checks a weight per edge.
fn check_weights(what: &str, weights: &[f32], edges: usize) -> Result<()> {
    let fault = |expected: &str, found: String| Err(ArtifactError::invalid(what, expected, found));
    if weights.len() != edges {
        return fault(&format!("{edges} weights"), weights.len().to_string());
    }
    match weights.iter().find(|weight| !weight.is_finite()) {
        Some(weight) => fault("finite numbers", weight.to_string()),
        None => Ok(()),
    }
}

/// Key in the file's metadata: whether pairs have a direction.
const DIRECTED: &str = "directed";
/// Key in the file's metadata.
const MESSAGES: &str = "messages";

/// View of the training edges of a split: a model with this view has no access to held-out edges.
///
/// ```compile_fail
/// # fn f(view: vgae_artifacts::TrainView<'_>) {
/// let leak = view.test(); // no such method: the view contains training edges only
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TrainView<'a> {
    node_count: usize,
    edges: &'a [Pair],
    directed: Option<&'a [Pair]>,
    weights: Option<&'a [f32]>,
    messages: Option<&'a [Pair]>,
    pair_types: Option<&'a Arc<PairTypes>>,
    relations: Option<TrainRelations<'a>>,
}

/// Relation types of training edges.
#[derive(Debug, Clone, Copy)]
pub struct TrainRelations<'a> {
    /// Names of all relation types of the graph.
    pub names: &'a [String],
    /// Training edges with the index of their relation, sorted.
    pub triples: &'a [(Pair, u32)],
}

impl TrainRelations<'_> {
    /// Returns the number of relation types.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }
}

impl<'a> TrainView<'a> {
    /// Returns the view for message passing: these training edges with their weights, unless the split
    /// selects other edges ([`Messages`]).
    #[must_use]
    pub fn messages(self) -> Self {
        match self.messages {
            Some(edges) => Self { edges, weights: None, messages: None, ..self },
            None => self,
        }
    }

    /// Returns the pairs that may be edges, if nodes have types.
    #[must_use]
    pub fn pair_types(&self) -> Option<&'a Arc<PairTypes>> {
        self.pair_types
    }

    /// Returns the relation types of training edges, if there are any.
    #[must_use]
    pub fn relations(&self) -> Option<TrainRelations<'a>> {
        self.relations
    }

    /// Returns the number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.node_count
    }

    /// Returns the training edges without direction, canonical and sorted.
    #[must_use]
    pub fn edges(&self) -> &'a [Pair] {
        self.edges
    }

    /// Returns the training edges from source to target, sorted, if the split is directed.
    #[must_use]
    pub fn directed_edges(&self) -> Option<&'a [Pair]> {
        self.directed
    }

    /// Returns the weights of training edges in message passing, one per edge, if the graph is weighted.
    #[must_use]
    pub fn weights(&self) -> Option<&'a [f32]> {
        self.weights
    }
}
