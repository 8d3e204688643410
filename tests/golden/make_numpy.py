"""Files that numpy and scipy write, for the readers in crates/ingest/src/numpy: one matrix in every element type and
order. python make_numpy.py"""

import os
import pathlib

import numpy as np
import scipy.sparse as sp

os.chdir(pathlib.Path(__file__).parent)
matrix = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 1, 1]])
for kind in ["<f4", ">f4", "<f8", "<i8", "<i4", ">i2", "|u1", "|b1"]:
    name = kind.translate(str.maketrans("<>|", "lbn"))
    np.save(f"numpy/{name}.npy", matrix.astype(kind))
np.save("numpy/fortran.npy", np.asfortranarray(matrix.astype("<f8")))
np.save("numpy/signed.npy", np.array([[-2, 0], [0, 127]], dtype="|i1"))
np.save("numpy/object.npy", np.array([[None]], dtype=object), allow_pickle=True)
np.save("numpy/vector.npy", np.arange(3.0))

sp.save_npz("numpy/csr.npz", sp.csr_matrix(matrix.astype("<f4")))
sp.save_npz("numpy/plain.npz", sp.csr_matrix(matrix.astype("<i8")), compressed=False)
sp.save_npz("numpy/coo.npz", sp.coo_matrix(matrix))
# Columns in no order, and two entries of one place, which scipy adds.
unsorted = sp.csr_matrix(([1.0, 0.5, 0.5, 1.0, 1.0], [1, 0, 0, 2, 1], [0, 1, 3, 3, 5]), shape=(4, 3))
sp.save_npz("numpy/unsorted.npz", unsorted)
