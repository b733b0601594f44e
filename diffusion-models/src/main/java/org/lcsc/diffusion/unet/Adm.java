package org.lcsc.diffusion.unet;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.FirResample;
import org.lcsc.diffusion.layer.FirResample.Direction;
import org.lcsc.diffusion.layer.Initialisation;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.layer.ResidualSum;
import org.lcsc.diffusion.layer.ScaleShift;
import org.lcsc.diffusion.layer.SelfAttention2d;
import org.lcsc.diffusion.layer.Silu;
import org.lcsc.diffusion.layer.TimeEmbedding;

/** Builds ADM from an {@link AdmConfig}. */
final class Adm extends UNetLayers {

  private static final double GROUP_EPSILON = 1e-5;

  /** Taps of average pooling and of nearest-neighbour upsampling. */
  private static final double[] BOX = {1, 1};

  private final AdmConfig config;

  Adm(AdmConfig config, GraphBuilder graph, NetworkBody.Inputs inputs, long seed) {
    super(config, graph, inputs, GROUP_EPSILON, seed);
    this.config = config;
  }

  @Override
  Conv2d end(int in, int out, boolean last) {
    return last ? new Conv2d(in, out, 3, 1, 0) : new Conv2d(in, out, 3);
  }

  @Override
  String timeEmbedding() {
    return timeEmbedding(TimeEmbedding.Form.COS_SIN, Initialisation.NORMAL);
  }

  @Override
  String residualBlock(String name, int in, int out, String input, String time) {
    return residualBlock(name, in, out, null, input, time);
  }

  @Override
  String down(int level, int channels, String input, String time) {
    String name = "down" + level + "_sample";
    return residualBlock(name, channels, channels, Direction.DOWN, input, time);
  }

  @Override
  String up(int level, int channels, String input, String time) {
    String name = "up" + level + "_sample";
    return residualBlock(name, channels, channels, Direction.UP, input, time);
  }

  private String resample(String name, Direction direction, String input) {
    return layer(name, new FirResample(BOX, direction), input);
  }

  /** A residual block; {@code direction} says how it resamples, null for not at all. */
  private String residualBlock(
      String name, int in, int out, Direction direction, String input, String time) {
    String h = norm(name + "_norm0", in, true, input);
    String shortcut = input;
    if (direction != null) {
      h = resample(name + "_resampled", direction, h);
      shortcut = resample(name + "_shortcut_resampled", direction, shortcut);
    }
    h = layer(name + "_conv0", new Conv2d(in, out, 3), h);
    String projected = layer(name + "_time", new Linear(embedding, 2 * out), time);
    h = norm(name + "_norm1", out, false, h);
    h = vertex(name + "_modulated", new ScaleShift(), h, projected);
    h = layer(name + "_silu", new Silu(), h);
    h = droppedConv(name, new Conv2d(out, out, 3, 1, 0), h);
    if (in != out) {
      shortcut = layer(name + "_shortcut", new Conv2d(in, out, 1), shortcut);
    }
    return vertex(name, new ResidualSum(), shortcut, h);
  }

  @Override
  String attention(String name, int channels, String input) {
    String h = norm(name + "_norm", channels, false, input);
    int heads = channels / config.headChannels();
    h = layer(name + "_heads", new SelfAttention2d(channels, heads, 0), h);
    return vertex(name, new ResidualSum(), input, h);
  }
}
