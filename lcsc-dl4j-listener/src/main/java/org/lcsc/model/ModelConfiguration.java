package org.lcsc.model;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** A configuration.json as a tree, to tell kinds of networks apart and to compare them. */
final class ModelConfiguration {

  /** What differs between checkpoints of one training run. */
  private static final Set<String> COUNTERS = Set.of("iterationCount", "epochCount");

  /** What a training may change on its way, such as its learning rate, beside the weights. */
  static final Set<String> UPDATERS = Set.of("iupdater", "iUpdater", "biasUpdater");

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Characters of a value that a message shows. */
  private static final int BRIEF = 60;

  /** Of these before the first that differs. */
  private static final int BEFORE = 20;

  private final JsonNode root;

  ModelConfiguration(String json) throws IOException {
    ModelTypes.requireShallow(json);
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IOException("configuration.json is damaged", e);
    }
    if (!isGraph() && !root.has("confs")) {
      throw new IOException(
          "configuration.json is that of neither a ComputationGraph nor a MultiLayerNetwork");
    }
  }

  /** Whether it is that of a {@code ComputationGraph}, else of a {@code MultiLayerNetwork}. */
  boolean isGraph() {
    return root.has("vertices") && root.has("networkInputs");
  }

  /** Where and how another differs, counters and ignored fields aside; null if it does not. */
  String difference(ModelConfiguration other, Set<String> ignored) {
    Set<String> free = new TreeSet<>(ignored);
    free.addAll(COUNTERS);
    return difference("", root, other.root, free);
  }

  private static String difference(String path, JsonNode a, JsonNode b, Set<String> ignored) {
    if (a.isObject() && b.isObject()) {
      Set<String> names = new TreeSet<>();
      addNames(a, names);
      addNames(b, names);
      names.removeAll(ignored);
      for (String name : names) {
        String found = difference(path + "/" + name, a.path(name), b.path(name), ignored);
        if (found != null) {
          return found;
        }
      }
      return null;
    }
    if (a.isArray() && b.isArray() && a.size() == b.size()) {
      for (int i = 0; i < a.size(); i++) {
        String found = difference(path + "/" + i, a.get(i), b.get(i), ignored);
        if (found != null) {
          return found;
        }
      }
      return null;
    }
    if (Objects.equals(a, b)) {
      return null;
    }
    String first = text(a);
    String second = text(b);
    int from = Math.max(0, Arrays.mismatch(first.toCharArray(), second.toCharArray()) - BEFORE);
    return path + " is " + brief(first, from) + " and " + brief(second, from);
  }

  private static void addNames(JsonNode node, Set<String> names) {
    for (Iterator<String> fields = node.fieldNames(); fields.hasNext(); ) {
      names.add(fields.next());
    }
  }

  private static String text(JsonNode node) {
    return node.isMissingNode() ? "absent" : node.toString();
  }

  /** Of a long text what is around the first difference. */
  private static String brief(String text, int from) {
    if (text.length() <= BRIEF) {
      return text;
    }
    int end = Math.min(text.length(), from + BRIEF);
    return (from > 0 ? "..." : "")
        + text.substring(Math.min(from, end), end)
        + (end < text.length() ? "..." : "");
  }
}
