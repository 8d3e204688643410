use crate::SampleLoss;
use crate::plan::Plan;
use crate::shape::{Affine, Shape};
use vgae_nn::ops::Kernels;
use vgae_nn::ops::affine;
use vgae_nn::optim::AdamStep;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};

/// Rows that one task takes through the model. Products over 32 rows run at nine tenths of the speed of
/// those over 128, and four threads can share a batch of 128.
const CHUNK: usize = 32;
/// Output units whose gradient is one task's, at the least.
const UNITS: usize = 48;

/// Weights, moments and all room that a step needs: steps allocate nothing.
pub(crate) struct Training<T> {
    plan: Plan,
    beta: f64,
    learning_rate: f64,
    /// Updates made so far.
    pub(crate) step: u32,
    pub(crate) layers: Vec<LayerState<T>>,
    pub(crate) weights: Vec<Affine<T>>,
    /// The batch, a row a sample.
    rows: Vec<T>,
    /// A chunk's sums of reconstruction loss and KL.
    partial: Vec<f64>,
}

/// Training state of a layer beside its weights.
#[derive(Debug, Clone)]
pub(crate) struct LayerState<T> {
    /// Output units, cut into tasks.
    units: RowChunks,
    pub(crate) gradient: Affine<T>,
    pub(crate) first_moment: Affine<T>,
    pub(crate) second_moment: Affine<T>,
}

impl<T: Kernels> Training<T> {
    /// From these weights, for batches of at most `batch` rows.
    pub(crate) fn new(
        shape: &Shape,
        weights: Vec<Affine<T>>,
        batch: usize,
        beta: f64,
        learning_rate: f64,
    ) -> Self {
        let plan = Plan::new(shape);
        let layers = shape.layers().into_iter().map(|layer| LayerState {
            units: RowChunks::even(layer.outputs, UNITS),
            gradient: Affine::zeros(layer),
            first_moment: Affine::zeros(layer),
            second_moment: Affine::zeros(layer),
        });
        Self {
            beta,
            learning_rate,
            step: 0,
            layers: layers.collect(),
            weights,
            rows: vec![T::ZERO; batch * plan.stride],
            partial: vec![0.0; 2 * RowChunks::even(batch, CHUNK).len()],
            plan,
        }
    }

    /// How a batch of `rows` rows is cut.
    pub(crate) fn chunks(rows: usize) -> RowChunks {
        RowChunks::even(rows, CHUNK)
    }

    /// One step over the rows of `chunks`: `fill` writes the sample and the noise of a row. Returns the
    /// means over the rows, at the weights before the update; when they are not finite, there is none.
    pub(crate) fn step(
        &mut self,
        chunks: &RowChunks,
        rows: usize,
        fill: &(impl Fn(usize, &mut [T], &mut [T]) + Sync),
    ) -> SampleLoss {
        let loss = self.forward_backward(chunks, rows, fill);
        if loss.total(self.beta).is_finite() {
            self.step += 1;
            self.gradients(rows, Some(AdamStep::new(self.learning_rate, self.step)));
        }
        loss
    }

    /// The first part: everything of a row.
    pub(crate) fn forward_backward(
        &mut self,
        chunks: &RowChunks,
        rows: usize,
        fill: &(impl Fn(usize, &mut [T], &mut [T]) + Sync),
    ) -> SampleLoss {
        let Self { plan, beta, weights, partial, .. } = self;
        let (plan, weights, beta) = (&*plan, &*weights, *beta);
        let batch = &mut self.rows[..rows * plan.stride];
        let partial = &mut partial[..2 * chunks.len()];
        let coefficient = 1.0 / rows as f64;
        let out = (Rows::new(batch, plan.stride), PerChunk { size: 2, data: &mut *partial });
        chunks.for_each(out, |_, at, (chunk, partial)| {
            for (row, data) in at.zip(chunk.data.chunks_exact_mut(plan.stride)) {
                let (x, noise) = plan.x_and_noise(data);
                fill(row, x, noise);
            }
            let chunk = chunk.data;
            plan.encode(weights, chunk);
            plan.sample(chunk);
            plan.decode(weights, chunk);
            partial.data[0] = plan.reconstruction(chunk, coefficient);
            plan.backward_decoder(weights, chunk);
            partial.data[1] = plan.backward_code(chunk, beta * coefficient);
            plan.backward_encoder(weights, chunk);
        });
        let sum = |of: usize| partial.iter().skip(of).step_by(2).sum::<f64>();
        SampleLoss { reconstruction: coefficient * sum(0), kl: coefficient * sum(1) }
    }

    /// The second part: gradients of the weights, and their update.
    pub(crate) fn gradients(&mut self, rows: usize, update: Option<AdamStep<T>>) {
        let batch = &self.rows[..rows * self.plan.stride];
        each_layer(&self.plan, batch, 0, &mut self.weights, &mut self.layers, update.as_ref());
    }
}

/// Layers side by side, since the small ones alone do not fill the threads.
fn each_layer<T: Kernels>(
    plan: &Plan,
    batch: &[T],
    index: usize,
    weights: &mut [Affine<T>],
    layers: &mut [LayerState<T>],
    update: Option<&AdamStep<T>>,
) {
    let (Some((affine, weights)), Some((layer, layers))) =
        (weights.split_first_mut(), layers.split_first_mut())
    else {
        return;
    };
    rayon::join(
        || one_layer(plan, batch, index, affine, layer, update),
        || each_layer(plan, batch, index + 1, weights, layers, update),
    );
}

fn one_layer<T: Kernels>(
    plan: &Plan,
    batch: &[T],
    index: usize,
    affine: &mut Affine<T>,
    layer: &mut LayerState<T>,
    update: Option<&AdamStep<T>>,
) {
    let places = &plan.layers[index];
    let inputs = places.x.of.len();
    let LayerState { units, gradient, first_moment, second_moment } = layer;
    let out = (
        (rows_of(affine, inputs), rows_of(gradient, inputs)),
        (rows_of(first_moment, inputs), rows_of(second_moment, inputs)),
    );
    units.for_each(out, |_, units, ((w, g), (m, v))| {
        affine::backward_weight(batch, &places.x, &places.d_y, units, g.0.data, g.1.data);
        if let Some(step) = update {
            step.apply(w.0.data, g.0.data, m.0.data, v.0.data);
            step.apply(w.1.data, g.1.data, m.1.data, v.1.data);
        }
    });
}

/// Weight and bias, to be cut by output units.
fn rows_of<T>(affine: &mut Affine<T>, inputs: usize) -> (Rows<'_, T>, Rows<'_, T>) {
    (Rows::new(&mut affine.weight, inputs), Rows::new(&mut affine.bias, 1))
}
