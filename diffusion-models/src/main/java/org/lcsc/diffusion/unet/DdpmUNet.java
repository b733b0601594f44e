package org.lcsc.diffusion.unet;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lcsc.diffusion.layer.AddEmbedding;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.Initialisation;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.layer.ResidualSum;
import org.lcsc.diffusion.layer.ScaleShift;
import org.lcsc.diffusion.layer.SelfAttention2d;
import org.lcsc.diffusion.layer.Silu;
import org.lcsc.diffusion.layer.TimeEmbedding;
import org.lcsc.diffusion.layer.UpsampleNearest;

/**
 * Builds the U-Net of DDPM (Ho et al. 2020, appendix B) and improved DDPM from a {@link
 * UNetConfig}.
 */
final class DdpmUNet extends UNetLayers {

  private final UNetConfig config;
  private final boolean scaleShift;

  DdpmUNet(UNetConfig config, GraphBuilder graph, NetworkBody.Inputs inputs, long seed) {
    super(config, graph, inputs, config.isImproved() ? 1e-5 : 1e-6, seed);
    this.config = config;
    this.scaleShift = config.isScaleShift();
  }

  private double lastGain() {
    return config.zeroInit() ? 0 : 1;
  }

  @Override
  Conv2d end(int in, int out, boolean last) {
    return last ? new Conv2d(in, out, 3, 1, lastGain()) : new Conv2d(in, out, 3);
  }

  @Override
  String timeEmbedding() {
    return timeEmbedding(
        config.isImproved() ? TimeEmbedding.Form.COS_SIN : TimeEmbedding.Form.SIN_COS,
        Initialisation.FAN_IN);
  }

  @Override
  String residualBlock(String name, int in, int out, String input, String time) {
    String h = norm(name + "_norm0", in, true, input);
    h = layer(name + "_conv0", new Conv2d(in, out, 3), h);
    String projected =
        layer(name + "_time", new Linear(embedding, scaleShift ? 2 * out : out), time);
    if (scaleShift) {
      h = norm(name + "_norm1", out, false, h);
      h = vertex(name + "_modulated", new ScaleShift(), h, projected);
      h = layer(name + "_silu", new Silu(), h);
    } else {
      h = vertex(name + "_timed", new AddEmbedding(), h, projected);
      h = norm(name + "_norm1", out, true, h);
    }
    h = droppedConv(name, new Conv2d(out, out, 3, 1, lastGain()), h);
    String shortcut = in == out ? input : layer(name + "_shortcut", new Conv2d(in, out, 1), input);
    return vertex(name, new ResidualSum(), shortcut, h);
  }

  @Override
  String down(int level, int channels, String input, String time) {
    Conv2d conv = new Conv2d(channels, channels, 3, 2, 1);
    return layer(
        "down" + level + "_sample",
        config.conventions() == UNetConfig.Conventions.IDDPM ? conv.paddedEvenly() : conv,
        input);
  }

  @Override
  String up(int level, int channels, String input, String time) {
    String larger = layer("up" + level + "_nearest", new UpsampleNearest(), input);
    return layer("up" + level + "_sample", new Conv2d(channels, channels, 3), larger);
  }

  @Override
  String attention(String name, int channels, String input) {
    String h = norm(name + "_norm", channels, false, input);
    h =
        layer(
            name + "_heads",
            new SelfAttention2d(channels, config.headsAt(channels), lastGain()),
            h);
    return vertex(name, new ResidualSum(), input, h);
  }
}
