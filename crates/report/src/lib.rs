//! The HTML report of a run or a grid, with SVG plots.
