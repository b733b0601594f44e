package org.lcsc.diffusion.unet;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;

/** Networks for tests. */
public final class UNets {

  private UNets() {}

  /** A U-Net whose blocks do something from the start. */
  public static UNetConfig ddpm(
      int channels,
      List<Integer> multipliers,
      List<Integer> attention,
      double dropout,
      TimeConditioning time,
      boolean classes) {
    return new UNetConfig(
        channels, multipliers, 1, attention, 1, dropout, time, classes, false, null, null, null);
  }

  /** A network of initial weights that is trained by the squared error. */
  public static ComputationGraph network(
      NetworkBody body, NetworkBody.Images images, IUpdater updater, long seed, DataType type) {
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(body, images, new SquaredError(), updater, seed, type));
    network.init();
    return network;
  }
}
