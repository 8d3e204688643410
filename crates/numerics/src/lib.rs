//! Numerical building blocks below the stages: graph adjacency, parallel loops, dense matrices, PCA, logistic regression.
