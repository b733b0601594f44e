package org.lcsc.diffusion.released;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Family;
import org.lcsc.config.Part;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.unet.UNetShape;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the tensors of a code base's released U-Nets are called, and what else its files tell or
 * leave out. Implementations are immutable records.
 */
@Family(key = "as")
public interface ReleasedNames extends Part {

  /** Whether a file seems to have such names. */
  boolean recognises(ReleasedFile file);

  /**
   * How a noise level is given to its networks, which are then an EDM denoiser or a consistency
   * function; null for networks of time steps.
   */
  default NetworkTime networkTime() {
    return null;
  }

  /**
   * The network that a file is of.
   *
   * @throws IOException in one line, where the file does not tell or is of a network that this
   *     library has not
   */
  ReleasedNetwork network(ReleasedFile file) throws IOException;

  /**
   * The names of a network's tensors.
   *
   * @param body of the network
   * @param side of its images in pixels
   * @throws IllegalArgumentException where the code base has no such network
   */
  ModuleNames names(UNetShape body, ComputationGraph network, int side);

  /** Whether a tensor is of no matter to the network's output. */
  default boolean isPassedOver(String name) {
    return false;
  }

  /** The name that {@link #names} gives for that of a file, which may be of another version. */
  default String renamed(String name) {
    return name;
  }

  /** How a released tensor's name begins before what {@link #names} says. */
  default String prefix() {
    return "";
  }

  /** Tensors of the code base's files that are no parameters, by name. */
  default Map<String, INDArray> constants(UNetShape body, ComputationGraph network, int side) {
    return Map.of();
  }

  /** What is taken for granted of its files because nothing in them tells it; null for nothing. */
  default String assumption() {
    return null;
  }

  /**
   * The chain that a file's network was trained on.
   *
   * @return empty where nothing tells it
   * @throws IOException in one line, where a network of this library cannot be of that chain
   */
  default Optional<ReleasedChain> chain(ReleasedFile file) throws IOException {
    return Optional.empty();
  }

  /** Names of the files that may belong beside the weights. */
  default List<String> files() {
    return List.of();
  }

  /**
   * Texts of those of the {@link #files} that a network has, by name.
   *
   * @param body of the network
   * @param side of its images in pixels
   * @param chain of a network of time steps; null of another
   */
  default Map<String, String> beside(
      UNetShape body, ComputationGraph network, int side, ReleasedChain chain) {
    return Map.of();
  }
}
