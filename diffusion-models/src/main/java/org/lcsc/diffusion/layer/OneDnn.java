package org.lcsc.diffusion.layer;

import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether oneDNN can be called directly: {@code org.bytedeco:dnnl} is an optional dependency, and
 * its natives exist for some platforms only. libnd4j, which has oneDNN inside, serves elsewhere,
 * and everywhere with {@code -Dorg.lcsc.onednn=false}.
 */
final class OneDnn {

  private static final Logger log = LoggerFactory.getLogger(OneDnn.class);

  private static final boolean LOADED = load();

  private OneDnn() {}

  /** Whether {@link OneDnnConvolution} and {@link OneDnnMatmul} serve arrays like these. */
  static boolean takes(INDArray... arrays) {
    return LOADED && HostFloats.holds(arrays);
  }

  private static boolean load() {
    if (!Boolean.parseBoolean(System.getProperty("org.lcsc.onednn", "true"))) {
      return false;
    }
    try {
      Loader.load(Class.forName("org.bytedeco.dnnl.global.dnnl"));
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      log.debug("oneDNN is not called directly: {}", e.toString());
      return false;
    }
  }
}
