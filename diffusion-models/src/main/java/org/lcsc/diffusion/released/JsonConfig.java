package org.lcsc.diffusion.released;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lcsc.io.Text;

/**
 * A JSON file of settings beside released weights.
 *
 * @param path for messages
 * @param root its content
 */
record JsonConfig(Path path, JsonNode root) {

  IOException refused(String key, Object value, String allowed) {
    return new IOException(
        Text.format("%s: %s: not of a network here (%s), allowed: %s", path, key, value, allowed));
  }

  void require(String key, Object only) throws IOException {
    JsonNode value = root.path(key);
    boolean same =
        value.isMissingNode()
            || (only instanceof Integer number
                ? value.isNumber() && value.asDouble() == number
                : value.asText().equals(only));
    if (!same) {
      throw refused(key, value, String.valueOf(only));
    }
  }

  String text(String key, String usual) {
    return root.path(key).asText(usual);
  }

  int number(String key, Integer usual) throws IOException {
    JsonNode value = root.path(key);
    if (value.isMissingNode() && usual != null) {
      return usual;
    }
    if (!value.isInt() || value.asInt() < 0) {
      throw refused(key, value, "a whole number");
    }
    return value.asInt();
  }

  List<Integer> numbers(String key) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    root.path(key).forEach(value -> numbers.add(value.asInt()));
    if (numbers.isEmpty() || numbers.stream().anyMatch(number -> number < 1)) {
      throw refused(key, root.path(key), "a list of whole numbers");
    }
    return numbers;
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    root.path(key).forEach(value -> texts.add(value.asText()));
    return texts;
  }
}
