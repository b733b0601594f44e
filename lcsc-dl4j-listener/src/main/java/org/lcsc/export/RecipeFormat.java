package org.lcsc.export;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lcsc.io.AtomicFiles;
import org.nd4j.shade.jackson.core.JsonLocation;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.JsonToken;
import org.nd4j.shade.jackson.core.type.TypeReference;
import org.nd4j.shade.jackson.databind.DeserializationFeature;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.SerializationFeature;
import org.nd4j.shade.jackson.databind.json.JsonMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Recipes as JSON files: an object with the names of the record's components, read strictly.
 *
 * <p>Thread-safe: it has no state.
 */
final class RecipeFormat {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
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

  /** Deeper than any recipe, far shallower than the stack. */
  private static final int DEEPEST = 100;

  private RecipeFormat() {}

  /** See {@link Recipe#provenance(Map)}. */
  static Map<String, Object> asReadBack(Map<String, ?> entries) {
    try {
      return JSON.readValue(JSON.writeValueAsString(entries), new TypeReference<>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("provenance must be writable as JSON: " + oneLine(e), e);
    }
  }

  /** See {@link Recipe#write}. */
  static void write(Path file, Recipe recipe) throws IOException {
    AtomicFiles.writeString(file, JSON.writeValueAsString(recipe) + "\n");
  }

  /** See {@link Recipe#read}. */
  static Recipe read(Path file) throws IOException {
    try {
      String text = Files.readString(file);
      requireShallow(file, text);
      Recipe recipe = parse(text);
      if (recipe == null) {
        throw new IOException(file + ": no recipe: null");
      }
      return recipe;
    } catch (NoSuchFileException e) {
      throw new IOException("recipe " + file + " does not exist", e);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": no recipe: not UTF-8", e);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String line = at == null ? "" : ", line " + at.getLineNr();
      throw new IOException(file + line + ": no recipe: " + oneLine(e), e);
    }
  }

  /** Jackson follows what is nested in an entry's value on its own stack. */
  private static void requireShallow(Path file, String text) throws IOException {
    int depth = 0;
    try (JsonParser parser = JSON.getFactory().createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (depth > DEEPEST) {
          throw new IOException(
              file
                  + ", line "
                  + parser.getTokenLocation().getLineNr()
                  + ": no recipe: nested deeper than "
                  + DEEPEST
                  + " levels");
        }
      }
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

  /** What is wrong, without Jackson's own settings. */
  private static String oneLine(JsonProcessingException e) {
    String first = e.getOriginalMessage().lines().findFirst().orElse("not JSON");
    return first.replaceAll("; `DeserializationFeature.*", "").replace("creator property", "key");
  }
}
