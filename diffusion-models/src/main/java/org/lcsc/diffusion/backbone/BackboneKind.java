package org.lcsc.diffusion.backbone;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.lcsc.config.Part;

/**
 * The structure of a published feature network. Widths are those of the file, so that smaller
 * networks of the same structure are read too. Implementations are immutable records.
 */
public interface BackboneKind extends Part {

  /** Whether a file with tensors of these names seems to be of this network. */
  boolean recognises(Set<String> names);

  /**
   * Builds the network.
   *
   * @throws IOException in one line, where the file is not of this network
   */
  void build(BackboneGraph graph) throws IOException;

  /** How images become its input. */
  ImageInput input();

  /** Side in pixels below which its poolings have nothing to pool. */
  int leastSide();

  /** Name of the layer whose activations are the features; averaged over the positions. */
  String features();

  /** Name of the layer of class probabilities; null where the network has none. */
  default String probabilities() {
    return null;
  }

  /** Names of the layers that LPIPS compares; none where it was not made for this network. */
  default List<String> compared() {
    return List.of();
  }

  /** The name that {@link #build} asks for, of a tensor in a file, which may be of a wrapper. */
  default String renamed(String name) {
    return name;
  }

  /** Whether a tensor is of no matter to these layers. */
  default boolean isPassedOver(String name) {
    return false;
  }
}
