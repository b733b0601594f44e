package org.lcsc.diffusion.unet;

import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lcsc.config.Family;
import org.lcsc.config.Part;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;

/**
 * The settings of an image network between its inputs and its loss: a function from the names of
 * the vertices that give it image, time and class to the name of the vertex that holds its result.
 * {@link UNet#configuration} puts inputs before it and a loss after it. Section {@code model.unet}
 * of a configuration holds one.
 *
 * <p>Implementations are immutable records.
 */
@Family(key = "architecture", standard = "ddpm")
public interface NetworkBody extends Part {

  /**
   * The images that a network is for.
   *
   * @param channels channels, at least 1
   * @param side height and width in pixels, at least 1
   * @param classes number of their classes, 0 for images without labels
   */
  record Images(int channels, int side, int classes) {

    /** Images without labels. */
    public Images(int channels, int side) {
      this(channels, side, 0);
    }

    /** The same images without their labels. */
    Images unlabelled() {
      return new Images(channels, side, 0);
    }
  }

  /**
   * What a body is added to.
   *
   * @param image name of the vertex that gives images {@code [N, channels, side, side]}
   * @param time name of the vertex that gives the network's time {@code [N, 1]}
   * @param label name of the vertex that gives one-hot labels {@code [N, classes]}; null for an
   *     unconditional network, where {@code classes} is 0
   * @param images shape and classes of the images; their side has passed {@link #checkSide}
   */
  record Inputs(String image, String time, String label, Images images) {}

  /**
   * Adds the network's layers to a graph.
   *
   * @param graph where to
   * @param inputs what it sees
   * @param seed seed of dropout; initial weights depend on the graph's own seed, and nothing else
   *     does, so that a network's parameters can be copied into one of another seed
   * @return name of the last convolution, {@code [N, C, H, W]}
   */
  String addTo(GraphBuilder graph, Inputs inputs, long seed);

  /** What it is, in a few words. */
  default String description() {
    return kind();
  }

  /** Whether the network is given the class of its image. */
  default boolean classConditional() {
    return false;
  }

  /**
   * Checks the network against the images.
   *
   * @param side side of the images in pixels
   * @throws org.lcsc.config.InvalidValueException where the network does not fit them; the key is
   *     relative to these settings
   */
  default void checkSide(int side) {}

  /** How a noise level is usually given to the network. */
  default NetworkTime usualTime() {
    return NetworkTime.THOUSANDFOLD;
  }

  /** Why time steps in place of noise levels do not suit the network. */
  default Optional<String> againstTimeSteps() {
    return Optional.empty();
  }
}
