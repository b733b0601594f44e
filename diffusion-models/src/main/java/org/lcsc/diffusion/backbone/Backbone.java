package org.lcsc.diffusion.backbone;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Parts;
import org.lcsc.config.Printable;
import org.lcsc.tensor.CheckpointFormat;

/**
 * A published feature network with its weights.
 *
 * @param kind what it is
 * @param graph takes what {@link BackboneKind#input} makes of images
 */
public record Backbone(BackboneKind kind, ComputationGraph graph) {

  /** Whether a file is of a format of named tensors, by its name. */
  public static boolean isOne(Path file) {
    return CheckpointFormat.of(file).isPresent();
  }

  /**
   * Reads a state dict: {@code .safetensors}, {@code .npz}, or PyTorch's {@code .pt} or {@code
   * .pth} of plain tensors.
   *
   * @throws IOException in one line, where the file is missing, damaged, or not of such a network
   */
  public static Backbone read(Path file) throws IOException {
    try (StateDict weights = StateDict.open(file)) {
      BackboneKind kind = kind(weights);
      weights.rename(kind);
      BackboneGraph graph = new BackboneGraph(weights, kind.input().channels());
      kind.build(graph);
      weights.requireAllTaken(kind);
      return new Backbone(kind, graph.network());
    }
  }

  /**
   * What a state dict is of, by the names of its tensors.
   *
   * @throws IOException as {@link #read} does
   */
  public static BackboneKind kind(Path file) throws IOException {
    try (StateDict weights = StateDict.open(file)) {
      return kind(weights);
    }
  }

  private static BackboneKind kind(StateDict weights) throws IOException {
    SortedMap<String, BackboneKind> kinds = Parts.of(BackboneKind.class);
    for (BackboneKind kind : kinds.values()) {
      if (kind.recognises(weights.names(kind))) {
        return kind;
      }
    }
    throw weights.refused(
        "the names of its tensors (%s, ...) are of no known feature network: %s",
        weights.names().stream().findFirst().map(Printable::oneLine).orElse("none"),
        String.join(", ", kinds.keySet()));
  }

  /**
   * The weights of LPIPS's layers: vectors {@code lin0.model.1.weight [1, C, 1, 1]}, {@code
   * lin1.model.1.weight} and so on, as its authors' package names them, or {@code lin0}, {@code
   * lin1} with any axes of extent 1.
   *
   * @param count how many
   * @throws IOException in one line, where the file is missing, damaged, or has others
   */
  public static List<float[]> heads(Path file, int count) throws IOException {
    List<float[]> heads = new ArrayList<>();
    try (StateDict weights = StateDict.open(file)) {
      for (int i = 0; i < count; i++) {
        heads.add(weights.vector("lin" + i, "lin" + i + ".model.1.weight"));
      }
    }
    return heads;
  }
}
