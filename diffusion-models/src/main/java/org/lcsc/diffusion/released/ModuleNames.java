package org.lcsc.diffusion.released;

import java.util.List;

/**
 * Names of the modules of one network by the layers of ours.
 *
 * @param module the module of a layer
 * @param projections modules of query, key, value and output in that of an attention; of one module
 *     for the first three its name thrice
 * @param joined how query, key and value lie in one tensor; {@link Arrangement#SAME} where each has
 *     its own
 * @param attentionAxes axes of the weights of an attention: 2 of matrices, 3 and 4 of convolutions
 * @param labels how the table of classes lies in its tensor
 */
record ModuleNames(
    Module module,
    List<String> projections,
    Arrangement joined,
    int attentionAxes,
    Arrangement labels) {

  /** The module of a layer. */
  @FunctionalInterface
  interface Module {

    /** Its name, which ends before {@code .weight}; of an attention what its projections share. */
    String of(LayerName layer);
  }
}
