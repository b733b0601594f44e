package org.lcsc.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads JSON files from strangers: of at most {@value #MAX_BYTES} bytes, with bounds on nesting and
 * on the length of numbers, names and texts, so that a file costs no more time and memory than its
 * length deserves.
 *
 * <p>Stateless and thread-safe.
 */
public final class Json {

  /** Longest file that is read. */
  public static final int MAX_BYTES = 1 << 24;

  /** Far above what is written, far below what takes long or overflows the stack. */
  public static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder()
          .maxNestingDepth(100)
          .maxNumberLength(100)
          .maxStringLength(1 << 20)
          .build();

  private static final JsonMapper MAPPER =
      mapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private Json() {}

  /** Starts a mapper whose parsers keep the limits. */
  public static JsonMapper.Builder mapper() {
    return JsonMapper.builder(JsonFactory.builder().streamReadConstraints(LIMITS).build());
  }

  /**
   * Reads a file.
   *
   * @throws IOException where it is missing, no JSON or beyond the limits; the message is one line
   *     that names file and place
   */
  public static JsonNode read(Path file) throws IOException {
    String text = TextFiles.read(file, MAX_BYTES);
    try {
      JsonNode root = MAPPER.readTree(text);
      Refuse.file(root.isMissingNode(), "%s: is not JSON: empty", file);
      return root;
    } catch (JsonProcessingException e) {
      throw new IOException(place(file, e) + ": is not JSON: " + problem(e), e);
    }
  }

  /** File and line of what could not be read. */
  public static String place(Path file, JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    return at == null || at.getLineNr() < 1 ? file.toString() : file + ", line " + at.getLineNr();
  }

  /** What is wrong, in one line without Jackson's own settings. */
  public static String problem(JsonProcessingException e) {
    String first = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
    return first
        .replaceAll(" \\(bound as [^)]*\\)", "")
        .replaceAll("(;|: not allowed as per) `DeserializationFeature.*", "")
        .replaceAll(" \\([^(]*\\[Source: .*?\\]\\)", "")
        .replaceAll(", from `StreamReadConstraints[^)]*\\(\\)`", "")
        .replace("creator property", "key");
  }
}
