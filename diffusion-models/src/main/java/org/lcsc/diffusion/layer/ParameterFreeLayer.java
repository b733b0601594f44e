package org.lcsc.diffusion.layer;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Base of the layers of this package that have no parameters. */
public abstract class ParameterFreeLayer extends ImageLayer {

  /** For Jackson. */
  protected ParameterFreeLayer() {}

  @Override
  protected final Map<String, long[]> parameterShapes() {
    return Map.of();
  }

  @Override
  protected final void initialise(String name, INDArray view, long seed) {
    throw new IllegalArgumentException(getClass().getSimpleName() + " has no parameter " + name);
  }
}
