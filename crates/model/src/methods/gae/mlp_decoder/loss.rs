use rayon::prelude::*;
use vgae_artifacts::Pair;

use super::{BLOCK, Layout};
use vgae_nn::ops::Kernels;
use vgae_nn::ops::affine;
use vgae_nn::ops::pair_product::{self, Meetings};
use vgae_numerics::Dense;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};

/// Number of units of a layer per task of the weight gradient.
const UNITS: usize = 8;

/// Mean cross-entropy of a batch of pairs, with buffers that grow to the largest batch: `2 hidden + latent +
/// 2` values per pair.
pub(crate) struct MlpLoss<T> {
    nodes: usize,
    layout: Layout,
    pairs: Vec<Pair>,
    meetings: Meetings,
    /// 1 for an edge, 0 for any other pair.
    truths: Vec<T>,
    logits: Vec<T>,
    rows: Vec<T>,
}

impl<T: Kernels> MlpLoss<T> {
    pub(crate) fn new(nodes: usize, latent: usize, hidden: usize) -> Self {
        Self {
            nodes,
            layout: Layout::new(latent, hidden, true),
            pairs: Vec::new(),
            meetings: Meetings::new(nodes, &[]),
            truths: Vec::new(),
            logits: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Sets the pairs of the next loss.
    pub(crate) fn set_pairs(&mut self, positives: &[Pair], negatives: &[Pair]) {
        self.pairs.clear();
        self.pairs.extend(positives.iter().chain(negatives));
        self.meetings = Meetings::new(self.nodes, &self.pairs);
        self.truths.clear();
        self.truths.resize(positives.len(), T::ONE);
        self.truths.resize(self.pairs.len(), T::ZERO);
        self.logits.resize(self.pairs.len(), T::ZERO);
        self.rows.resize(self.pairs.len() * self.layout.stride(), T::ZERO);
    }

    /// Returns the loss of `z` (`N x latent`) and writes the gradients. A NaN in `z` gives a NaN.
    pub(crate) fn forward_backward(
        &mut self,
        z: &[T],
        decoder: &[Dense<T>],
        d_z: &mut [T],
        d_decoder: &mut [Dense<T>],
    ) -> f64 {
        let Self { layout, pairs, meetings, truths, logits, rows, .. } = self;
        let stride = layout.stride();
        let chunks = RowChunks::even(pairs.len(), BLOCK);
        let mut sums = vec![0.0; chunks.len()];
        let [w_0, _, w_1, _] = decoder else { unreachable!("two layers") };
        let each = 1.0 / pairs.len().max(1) as f64;

        let out = (Rows::new(rows, stride), Rows::new(logits, 1));
        let out = (out, PerChunk { size: 1, data: &mut sums[..] });
        chunks.for_each(out, |_, of, ((rows, logits), sum)| {
            layout.forward(z, decoder, &pairs[of.clone()], rows.data);
            let at = layout.logit.of.start;
            for (logit, row) in logits.data.iter_mut().zip(rows.data.chunks_exact(stride)) {
                *logit = row[at];
            }
            sum.data[0] = T::bernoulli(&truths[of], logits.data, each);
            for (d_logit, row) in logits.data.iter().zip(rows.data.chunks_exact_mut(stride)) {
                row[at] = *d_logit;
            }
            affine::backward_input(
                rows.data,
                &layout.logit,
                &layout.d_hidden,
                Some(&layout.hidden),
                &w_1.data,
            );
        });

        let [d_w_0, d_b_0, d_w_1, d_b_1] = d_decoder else { unreachable!("two layers") };
        let (x, d_y) = (&layout.hidden, &layout.logit);
        affine::backward_weight(rows, x, d_y, 0..1, &mut d_w_1.data, &mut d_b_1.data);
        let (x, d_y) = (&layout.product, &layout.d_hidden);
        let weights = d_w_0.data.par_chunks_mut(UNITS * x.of.len());
        weights.zip(d_b_0.data.par_chunks_mut(UNITS)).enumerate().for_each(|(at, (d_w, d_b))| {
            let units = at * UNITS..at * UNITS + d_b.len();
            affine::backward_weight(rows, x, d_y, units, d_w, d_b);
        });

        chunks.for_each(Rows::new(rows, stride), |_, _, rows| {
            affine::backward_input(rows.data, &layout.d_hidden, &layout.product, None, &w_0.data);
        });
        pair_product::backward(meetings, (z, layout.product.of.len()), &layout.product, rows, d_z);
        each * sums.iter().sum::<f64>()
    }
}
