use crate::Likelihood;
use crate::shape::{Affine, Shape};
use vgae_nn::ops::Kernels;
use vgae_nn::ops::affine::{self, Columns};
use vgae_nn::ops::{gaussian_kl, reparameterise, squared_error};
use vgae_numerics::elementary;

/// Layout of a sample's buffers. A row of the workspace contains, one after the other: the sample, the output of
/// each layer, the code, the reconstruction, and the gradients of all these. So a chunk of rows is one slice, and
/// its forward and backward passes need no other memory.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) shape: Shape,
    pub(crate) layers: Vec<Layer>,
    /// Numbers a row.
    pub(crate) stride: usize,
    /// `[mu | log sigma | eps | sigma | z]`, or `[z]`.
    code: usize,
    /// `[d_z | d_mu | d_log_sigma]`, or `[d_z]`.
    d_code: usize,
}

/// Where a layer reads and writes.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) x: Columns,
    pub(crate) y: Columns,
    pub(crate) d_x: Columns,
    pub(crate) d_y: Columns,
    relu: bool,
}

impl Plan {
    pub(crate) fn new(shape: &Shape) -> Self {
        let (layers, head, latent) = (shape.layers(), shape.head(), shape.latent);
        let mut end = 0;
        let mut take = |width: usize| {
            end += width;
            end - width..end
        };
        let x = take(shape.columns);
        // Outputs, in the order of the layers; noise and sample stand behind the head's.
        let (mut outputs, mut code, mut z) = (Vec::new(), 0, 0..0);
        for (index, layer) in layers.iter().enumerate() {
            let y = take(layer.outputs);
            if index == head {
                code = y.start;
                let sampled = take(if shape.variational { 3 * latent } else { 0 });
                z = if shape.variational { sampled.end - latent..sampled.end } else { y.clone() };
            }
            outputs.push(y);
        }
        let d_z = take(latent);
        let d_code = d_z.start;
        let mut d_outputs = Vec::new();
        d_outputs.resize(layers.len(), 0..0);
        d_outputs[head] = if shape.variational { take(2 * latent) } else { d_z.clone() };
        let last = layers.len() - 1;
        for index in (0..last).filter(|&index| index != head) {
            d_outputs[index] = take(layers[index].outputs);
        }
        // The loss replaces the reconstruction by its gradient.
        d_outputs[last] = outputs[last].clone();

        // Rows start on a cache line, and not all at one place of the cache.
        let mut stride = end.next_multiple_of(16);
        if stride.is_multiple_of(256) {
            stride += 16;
        }
        let columns = |of: &std::ops::Range<usize>| Columns { stride, of: of.clone() };
        let layers = (layers.iter().enumerate())
            .map(|(index, layer)| {
                let (x, d_x) = match index {
                    0 => (&x, &d_z),
                    _ if index == head + 1 => (&z, &d_z),
                    _ => (&outputs[index - 1], &d_outputs[index - 1]),
                };
                Layer {
                    x: columns(x),
                    y: columns(&outputs[index]),
                    // Of the first layer never written.
                    d_x: columns(d_x),
                    d_y: columns(&d_outputs[index]),
                    relu: layer.relu,
                }
            })
            .collect();
        Self { shape: shape.clone(), layers, stride, code, d_code }
    }

    /// The sample, to be written.
    pub(crate) fn x<'a, T>(&self, row: &'a mut [T]) -> &'a mut [T] {
        &mut row[..self.shape.columns]
    }

    /// Sample and noise, to be written; there is no noise in a plain auto-encoder.
    pub(crate) fn x_and_noise<'a, T>(&self, row: &'a mut [T]) -> (&'a mut [T], &'a mut [T]) {
        let (x, rest) = row.split_at_mut(self.shape.columns);
        let latent = self.shape.latent;
        let noise = if self.shape.variational { latent } else { 0 };
        let start = self.code + 2 * latent - self.shape.columns;
        (x, rest.get_mut(start..start + noise).unwrap_or_default())
    }

    /// The mean, and the log standard deviation if there is one.
    pub(crate) fn code<'a, T>(&self, row: &'a [T]) -> (&'a [T], &'a [T]) {
        row[self.code..self.code + self.shape.encoded()].split_at(self.shape.latent)
    }

    /// Returns the input of the decoder.
    pub(crate) fn z<'a, T>(&self, row: &'a mut [T]) -> &'a mut [T] {
        &mut row[self.layers[self.shape.head() + 1].x.of.clone()]
    }

    /// Returns the output of the decoder: logits or means.
    pub(crate) fn output<'a, T>(&self, row: &'a [T]) -> &'a [T] {
        &row[self.layers[self.layers.len() - 1].y.of.clone()]
    }

    /// From the samples to mean and log sigma.
    pub(crate) fn encode<T: Kernels>(&self, weights: &[Affine<T>], rows: &mut [T]) {
        let head = self.shape.head();
        self.forward(0..head + 1, weights, rows);
        if self.shape.variational {
            let half = T::from_f64(0.5);
            let latent = self.shape.latent;
            for row in rows.chunks_exact_mut(self.stride) {
                // The head gives log variance.
                for value in &mut row[self.code + latent..self.code + 2 * latent] {
                    *value *= half;
                }
            }
        }
    }

    /// From mean, log sigma and noise to `z`.
    pub(crate) fn sample<T: Kernels>(&self, rows: &mut [T]) {
        if !self.shape.variational {
            return;
        }
        let latent = self.shape.latent;
        for row in rows.chunks_exact_mut(self.stride) {
            let (encoded, rest) = row[self.code..].split_at_mut(2 * latent);
            let (mu, log_sigma) = encoded.split_at(latent);
            let (eps, rest) = rest.split_at_mut(latent);
            let (sigma, rest) = rest.split_at_mut(latent);
            reparameterise::forward_row(mu, log_sigma, eps, sigma, &mut rest[..latent]);
        }
    }

    /// From `z` to the reconstruction.
    pub(crate) fn decode<T: Kernels>(&self, weights: &[Affine<T>], rows: &mut [T]) {
        self.forward(self.shape.head() + 1..self.layers.len(), weights, rows);
    }

    fn forward<T: Kernels>(
        &self,
        layers: std::ops::Range<usize>,
        weights: &[Affine<T>],
        rows: &mut [T],
    ) {
        for (layer, affine) in self.layers[layers.clone()].iter().zip(&weights[layers]) {
            affine::forward(rows, &layer.x, &layer.y, &affine.weight, &affine.bias, layer.relu);
        }
    }

    /// Returns the reconstruction loss, summed over rows, and replaces the reconstruction by its
    /// gradient times `coefficient`.
    pub(crate) fn reconstruction<T: Kernels>(&self, rows: &mut [T], coefficient: f64) -> f64 {
        let columns = self.shape.columns;
        let of = self.layers[self.layers.len() - 1].y.of.clone();
        let row = |row: &mut [T]| {
            let (left, right) = row.split_at_mut(of.start);
            let (x, y) = (&left[..columns], &mut right[..columns]);
            match self.shape.likelihood {
                Likelihood::Bernoulli => T::bernoulli(x, y, coefficient),
                Likelihood::Squared => squared_error::forward_backward(x, y, coefficient),
                Likelihood::Gaussian => {
                    let squared = squared_error::forward_backward(x, y, 0.5 * coefficient);
                    0.5 * (squared + columns as f64 * elementary::ln(std::f64::consts::TAU))
                }
            }
        };
        rows.chunks_exact_mut(self.stride).map(row).sum()
    }

    /// From the reconstruction's gradient back to `d_z`.
    pub(crate) fn backward_decoder<T: Kernels>(&self, weights: &[Affine<T>], rows: &mut [T]) {
        self.backward(self.shape.head() + 1..self.layers.len(), weights, rows);
    }

    /// Returns KL, summed over rows, and writes the gradient of what the encoder gave: from `d_z`, and
    /// KL's own times `coefficient`.
    pub(crate) fn backward_code<T: Kernels>(&self, rows: &mut [T], coefficient: f64) -> f64 {
        if !self.shape.variational {
            return 0.0;
        }
        let latent = self.shape.latent;
        let (scale, half) = (T::from_f64(coefficient), T::from_f64(0.5));
        let mut twice = 0.0;
        for row in rows.chunks_exact_mut(self.stride) {
            let (left, right) = row.split_at_mut(self.d_code);
            let mut code = left[self.code..].chunks_exact(latent);
            let mut next = || code.next().unwrap_or_default();
            let (mu, log_sigma, eps, sigma) = (next(), next(), next(), next());
            let (d_z, rest) = right.split_at_mut(latent);
            let (d_mu, rest) = rest.split_at_mut(latent);
            let d_log_sigma = &mut rest[..latent];
            reparameterise::backward_row(eps, sigma, d_z, d_mu, d_log_sigma);
            gaussian_kl::twice_row(mu, log_sigma, sigma, scale, d_mu, d_log_sigma, &mut twice);
            for d in d_log_sigma {
                *d *= half;
            }
        }
        0.5 * twice
    }

    /// From the code's gradient back to what the first layer gave.
    pub(crate) fn backward_encoder<T: Kernels>(&self, weights: &[Affine<T>], rows: &mut [T]) {
        // The gradient of the samples is not needed.
        self.backward(1..self.shape.head() + 1, weights, rows);
    }

    fn backward<T: Kernels>(
        &self,
        layers: std::ops::Range<usize>,
        weights: &[Affine<T>],
        rows: &mut [T],
    ) {
        for index in layers.rev() {
            let layer = &self.layers[index];
            let relu = index > 0 && self.layers[index - 1].relu;
            let relu_of = relu.then_some(&layer.x);
            affine::backward_input(rows, &layer.d_y, &layer.d_x, relu_of, &weights[index].weight);
        }
    }
}
