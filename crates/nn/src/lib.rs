//! Neural-network building blocks: differentiable operations with hand-written gradients, Adam, the training loop.
