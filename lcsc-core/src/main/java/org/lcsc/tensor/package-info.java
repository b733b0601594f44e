/**
 * Checkpoints of other frameworks: files of named tensors, read and written piece by piece. {@link
 * org.lcsc.tensor.TensorFolder} is the main type, a folder of such files; {@link
 * org.lcsc.tensor.CheckpointFormat} the interface of the formats.
 */
package org.lcsc.tensor;
