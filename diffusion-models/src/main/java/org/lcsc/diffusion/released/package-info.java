/**
 * Weights that others released, in the networks of this library: what the tensors of a file are
 * called. {@link org.lcsc.diffusion.released.ReleasedFile} is an open file, {@link
 * org.lcsc.diffusion.released.ReleasedNames} the names of one code base.
 */
package org.lcsc.diffusion.released;
