package org.lcsc.network;

import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;

/** Turns off what makes two forward passes of a network in training differ. */
final class LayerNoise {

  private LayerNoise() {}

  /**
   * Turns off dropout and weight noise of a layer and of those that it wraps.
   *
   * @param layer changed; before a network is made of its configuration
   */
  static void silence(Layer layer) {
    layer.setIDropout(null);
    if (layer instanceof BaseLayer weighted) {
      weighted.setWeightNoise(null);
    } else if (layer instanceof Bidirectional both) {
      silence(both.getFwd());
      silence(both.getBwd());
    } else if (layer instanceof BaseWrapperLayer wrapper) {
      silence(wrapper.getUnderlying());
    } else if (layer instanceof FrozenLayer frozen) {
      silence(frozen.getLayer());
    }
  }
}
