package org.lcsc.export;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.lcsc.io.AtomicFiles;
import org.nd4j.shade.jackson.core.JsonLocation;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.JsonToken;
import org.nd4j.shade.jackson.core.type.TypeReference;
import org.nd4j.shade.jackson.databind.DeserializationContext;
import org.nd4j.shade.jackson.databind.DeserializationFeature;
import org.nd4j.shade.jackson.databind.JsonDeserializer;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.SerializationFeature;
import org.nd4j.shade.jackson.databind.deser.DeserializationProblemHandler;
import org.nd4j.shade.jackson.databind.json.JsonMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Records as JSON files: an object with the names of the record's components, read strictly, and
 * the SHA-256 of its content under the key {@value #CHECKSUM}, so that a changed number is noticed.
 * Layout is no content. A file without that key, of an earlier version, is read without the check.
 *
 * <p>Thread-safe: it has no state.
 */
public final class RecordFile {

  /** Key of the checksum. */
  static final String CHECKSUM = "checksum";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .addHandler(new Checksum())
          .build();

  /** Larger than any record, small enough to be read at once. */
  private static final long LARGEST = 64L << 20;

  /** Deeper than any record, far shallower than the stack. */
  private static final int DEEPEST = 100;

  /** Digits of a number: more than any double has, few enough to be parsed at once. */
  private static final int LONGEST = 400;

  private RecordFile() {}

  /** The checksum is no component of the record. */
  private static final class Checksum extends DeserializationProblemHandler {

    @Override
    public boolean handleUnknownProperty(
        DeserializationContext context,
        JsonParser parser,
        JsonDeserializer<?> deserializer,
        Object bean,
        String name)
        throws IOException {
      boolean own = name.equals(CHECKSUM) && parser.getParsingContext().getParent().inRoot();
      if (own) {
        parser.skipChildren();
      }
      return own;
    }
  }

  /** See {@link Recipe#provenance(Map)}. */
  static Map<String, Object> asReadBack(Map<String, ?> entries) {
    try {
      return JSON.readValue(JSON.writeValueAsString(entries), new TypeReference<>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("provenance must be writable as JSON: " + oneLine(e), e);
    }
  }

  /**
   * Writes a record, whole or not at all. Numbers read back to the same bits.
   *
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Record content) throws IOException {
    // As it will be read back, so that the checksum is of the same numbers.
    ObjectNode tree = (ObjectNode) JSON.readTree(JSON.writeValueAsString(content));
    tree.put(CHECKSUM, checksum(tree));
    AtomicFiles.writeString(file, JSON.writeValueAsString(tree) + "\n");
  }

  /**
   * Reads a record.
   *
   * @param what it is, for messages, for example {@code recipe}
   * @param nulls whether components of the record may be null
   * @throws IOException if there is no such file, or it holds none: an unknown or missing key, a
   *     value of the wrong kind, another checksum; the message is one line and names file, line and
   *     key
   */
  public static <T extends Record> T read(Path file, Class<T> type, String what, boolean nulls)
      throws IOException {
    try {
      if (Files.size(file) > LARGEST) {
        throw new IOException(file + ": no " + what + ": larger than " + (LARGEST >> 20) + " MB");
      }
      String text = Files.readString(file);
      requireParseable(file, text, what);
      T content =
          nulls
              ? JSON.readerFor(type)
                  .without(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                  .readValue(text)
              : JSON.readValue(text, type);
      if (!(JSON.readTree(text) instanceof ObjectNode tree) || content == null) {
        throw new IOException(file + ": no " + what + ": no object");
      }
      if (tree.has(CHECKSUM)) {
        String written = tree.remove(CHECKSUM).asText();
        if (!written.equals(checksum(tree))) {
          throw new IOException(
              file + ": damaged or changed by hand, its content is not that of its checksum");
        }
      }
      return content;
    } catch (NoSuchFileException e) {
      throw new IOException(what + " " + file + " does not exist", e);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": no " + what + ": not UTF-8", e);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String line = at == null ? "" : ", line " + at.getLineNr();
      throw new IOException(file + line + ": no " + what + ": " + oneLine(e), e);
    }
  }

  private static String checksum(ObjectNode content) throws IOException {
    try {
      byte[] text = content.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Jackson follows what is nested on its own stack, and takes quadratic time for long numbers. */
  private static void requireParseable(Path file, String text, String what) throws IOException {
    int depth = 0;
    try (JsonParser parser = JSON.getFactory().createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        boolean number = token.isNumeric() && parser.getTextLength() > LONGEST;
        if (depth > DEEPEST || number) {
          throw new IOException(
              "%s, line %d: no %s: %s"
                  .formatted(
                      file,
                      parser.getTokenLocation().getLineNr(),
                      what,
                      number
                          ? "a number of more than " + LONGEST + " digits"
                          : "nested deeper than " + DEEPEST + " levels"));
        }
      }
    }
  }

  /** What is wrong, without Jackson's own settings. */
  private static String oneLine(JsonProcessingException e) {
    String first = e.getOriginalMessage().lines().findFirst().orElse("not JSON");
    return first.replaceAll("; `DeserializationFeature.*", "").replace("creator property", "key");
  }
}
