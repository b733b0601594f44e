package org.lcsc.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Json;
import org.lcsc.io.TextFiles;

/**
 * Recipes as JSON files: an object with the names of the record's components, read strictly.
 *
 * <p>Thread-safe: it has no state.
 */
final class RecipeFormat {

  private static final ObjectMapper JSON =
      Json.mapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .build();

  /** Keys that recipes of earlier versions lack. */
  private static final List<String> LATER = List.of("groups", "ranges");

  private RecipeFormat() {}

  /** See {@link Recipe#provenance(Map)}. */
  static Map<String, Object> asReadBack(Map<String, ?> entries) {
    try {
      return JSON.readValue(JSON.writeValueAsString(entries), new TypeReference<>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "provenance must be writable as JSON: " + Json.problem(e), e);
    }
  }

  /** See {@link Recipe#write}. */
  static void write(Path file, Recipe recipe) throws IOException {
    AtomicFiles.writeString(file, JSON.writeValueAsString(recipe) + "\n");
  }

  /** See {@link Recipe#read}. */
  static Recipe read(Path file) throws IOException {
    String text = TextFiles.read(file, Json.MAX_BYTES);
    try {
      Recipe recipe = parse(text);
      if (recipe == null) {
        throw new IOException(file + ": no recipe: null");
      }
      return recipe;
    } catch (JsonProcessingException e) {
      throw new IOException(Json.place(file, e) + ": no recipe: " + Json.problem(e), e);
    }
  }

  /** Recipes from before there were groups, or ranges, have none. */
  private static Recipe parse(String text) throws JsonProcessingException {
    if (JSON.readTree(text) instanceof ObjectNode old && !LATER.stream().allMatch(old::has)) {
      LATER.stream().filter(key -> !old.has(key)).forEach(old::putArray);
      return JSON.treeToValue(old, Recipe.class);
    }
    return JSON.readValue(text, Recipe.class);
  }
}
