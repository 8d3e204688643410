#![no_main]

vgae_fuzz::target!(embeddings_arrow);
