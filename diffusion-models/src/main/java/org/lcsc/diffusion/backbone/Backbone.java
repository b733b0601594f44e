package org.lcsc.diffusion.backbone;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Parts;
import org.lcsc.config.Printable;
import org.lcsc.tensor.StateDict;

/**
 * A published feature network with its weights.
 *
 * @param kind what it is
 * @param graph takes what {@link BackboneKind#input} makes of images
 */
public record Backbone(BackboneKind kind, ComputationGraph graph) {

  /**
   * Reads a state dict: {@code .safetensors}, {@code .npz}, or PyTorch's {@code .pt} or {@code
   * .pth} of plain tensors.
   *
   * @throws IOException in one line, where the file is missing, damaged, or not of such a network
   */
  public static Backbone read(Path file) throws IOException {
    try (StateDict weights = StateDict.open(file)) {
      BackboneKind kind = kind(weights);
      BackboneGraph graph = new BackboneGraph(weights, kind.input().channels(), true);
      build(kind, weights, graph);
      return new Backbone(kind, graph.network());
    }
  }

  /**
   * Refuses a file that {@link #read} refuses: looks at one tensor after the other, and keeps none.
   *
   * @return what the state dict is of
   * @throws IOException as {@link #read} does
   */
  public static BackboneKind check(Path file) throws IOException {
    try (StateDict weights = StateDict.open(file)) {
      BackboneKind kind = kind(weights);
      build(kind, weights, new BackboneGraph(weights, kind.input().channels(), false));
      return kind;
    }
  }

  private static void build(BackboneKind kind, StateDict weights, BackboneGraph graph)
      throws IOException {
    weights.rename(kind::renamed);
    kind.build(graph);
    weights.requireAllTaken(kind.kind(), kind::isPassedOver);
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
      if (kind.recognises(
          weights.tensors().keySet().stream().map(kind::renamed).collect(Collectors.toSet()))) {
        return kind;
      }
    }
    throw weights.refused(
        "the names of its tensors (%s, ...) are of no known feature network: %s",
        weights.tensors().keySet().stream().findFirst().map(Printable::oneLine).orElse("none"),
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
