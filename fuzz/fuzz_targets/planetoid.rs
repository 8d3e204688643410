#![no_main]

vgae_fuzz::target!(planetoid);
